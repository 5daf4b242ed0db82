import OpenFaaSAPI

/// Finds the number of a route by the bytes of `NAME` or `NAME.NAMESPACE` in a path, without making a `String`.
///
/// A hash table with open addressing: built once a table, outside the event loops, and only read from then on.
/// Only published names are put in, so nobody outside can choose keys that collide.
struct RouteIndex: Sendable {
    private struct Entry {
        var hash: UInt64
        var key: Range<Int>
        var route: Int
    }

    /// All keys, one behind the other.
    private var keys: [UInt8] = []
    /// The size is a power of two, and at least half of the entries are empty.
    private var entries: [Entry?]

    /// - Parameters:
    ///   - names: the names in the order of their routes; no name twice.
    ///   - defaultNamespace: the namespace that may be left out in a path.
    init(_ names: [FunctionName], defaultNamespace: String) {
        var size = 8
        while size < names.count * 6 { size *= 2 }
        entries = Array(repeating: nil, count: size)
        for (route, name) in names.enumerated() {
            insert(Array("\(name.name).\(name.namespace)".utf8), route: route)
            if name.namespace == defaultNamespace { insert(Array(name.name.utf8), route: route) }
            // `faas-cli invoke NAME.NAMESPACE` puts the default namespace behind what it is given.
            insert(Array("\(name.name).\(name.namespace).\(defaultNamespace)".utf8), route: route)
        }
    }

    /// The number of the route, or `nil`.
    func route(_ name: Bytes) -> Int? {
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & (entries.count - 1)
        while let entry = entries[slot] {
            if entry.hash == hash, holds(name, at: entry.key) { return entry.route }
            slot = (slot + 1) & (entries.count - 1)
        }
        return nil
    }

    private mutating func insert(_ key: [UInt8], route: Int) {
        let start = keys.count
        keys += key
        let hash = key.withUnsafeBytes { Self.hash($0) }
        var slot = Int(truncatingIfNeeded: hash) & (entries.count - 1)
        while entries[slot] != nil { slot = (slot + 1) & (entries.count - 1) }
        entries[slot] = Entry(hash: hash, key: start..<keys.count, route: route)
    }

    private func holds(_ name: Bytes, at range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        for index in 0..<name.count where name[index] != keys[range.lowerBound + index] { return false }
        return true
    }

    /// FNV-1a, with the high half folded in, since the table uses the low bits only.
    private static func hash(_ bytes: Bytes) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
