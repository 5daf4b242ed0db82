/// The parts of a target `/function/NAME[.NAMESPACE][/PATH][?QUERY]`, as offsets into the bytes it was found in.
struct FunctionPath: Equatable {
    static let prefix: StaticString = "/function/"

    /// `NAME[.NAMESPACE]`, raw and not checked.
    let name: Range<Int>
    /// What the function gets: path and query, raw; may be empty, or begin with `?`.
    let rest: Range<Int>

    /// - Returns: `nil` when the target is no function's.
    @inline(__always)
    init?(_ bytes: Bytes, target: Range<Int>) {
        guard bytes.part(target).holds(Self.prefix) else { return nil }
        let start = target.lowerBound + Self.prefix.utf8CodeUnitCount
        var end = start
        while end < target.upperBound, bytes[end] != .slash, bytes[end] != .questionMark { end += 1 }
        name = start..<end
        rest = end..<target.upperBound
    }
}
