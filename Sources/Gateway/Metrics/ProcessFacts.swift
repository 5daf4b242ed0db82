import Glibc

/// What this process uses, in the words of Prometheus' client libraries (`process_*`).
struct ProcessFacts {
    let residentBytes: Double
    let virtualBytes: Double
    let cpuSeconds: Double
    let openDescriptors: Double
    let maximumDescriptors: Double
    let startSeconds: Double

    /// Reads /proc/self; `nil` where it cannot be read.
    init?() {
        guard let statistics = Self.read("/proc/self/stat"), let close = statistics.lastIndex(of: ")") else {
            return nil
        }
        // Fields from the third on; proc(5) counts from 1.
        let fields = statistics[statistics.index(after: close)...].split(separator: " ")
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let pages = field(24)
        else { return nil }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        cpuSeconds = (user + system) / ticks
        virtualBytes = virtual
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        startSeconds = Self.bootSeconds + start / ticks
        openDescriptors = Self.descriptorCount
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        maximumDescriptors = Double(limit.rlim_cur)
    }

    private static var bootSeconds: Double {
        let line = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }

    private static var descriptorCount: Double {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0.0
        while readdir(directory) != nil { count += 1 }
        // `.`, `..` and the descriptor of this look itself.
        return max(0, count - 3)
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
