/// The program that collects what a container writes.
///
/// containerd starts `BINARY SUBCOMMAND OPTIONS` beside the container, with the container's standard output on
/// descriptor 3 and its standard error on 4; see ``LogCollector`` for the other side.
public struct LogTarget: Sendable, Equatable {
    /// The program, by absolute path.
    public let binary: String
    /// Its first argument.
    public let subcommand: String
    /// What its second argument says.
    public let options: LogOptions

    /// Makes a target.
    public init(binary: String, subcommand: String = "collect", options: LogOptions) {
        self.binary = binary
        self.subcommand = subcommand
        self.options = options
    }

    /// The target as containerd takes it.
    ///
    /// containerd makes two arguments of each pair in the query, pairs in no certain order; so there is one pair.
    var uri: String {
        "binary://\(PercentCoding.encode(binary))?\(PercentCoding.encode(subcommand))="
            + PercentCoding.encode(options.encoded)
    }
}
