import Glibc

/// How many files and connections the process may have open.
enum OpenFilesLimit {
    /// Lifts the soft limit to the hard one: the soft one is often 1024, which is for programs that use `select`.
    static func raise() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // What is lower than wished still serves.
        _ = setrlimit(resource, &limit)
    }
}
