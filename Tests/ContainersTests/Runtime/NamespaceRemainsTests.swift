import Foundation
import Testing

@testable import Containers

/// What is left of a namespace.
struct NamespaceRemainsTests {
    @Test func onlyEmptyFoldersGo() throws {
        let root = NSTemporaryDirectory() + "faasd-remains-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let tasks = root + "/containerd/io.containerd.runtime.v2.task"
        let (gone, kept) = ([root + "/cgroup/cpu/fn", root + "/cgroup/fn", tasks + "/fn/a"], tasks + "/other/b")
        for path in gone + [kept, root + "/cgroup/memory/fn/busy"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        NamespaceRemains.remove("fn", cgroupRoot: root + "/cgroup", containerdRoot: root + "/containerd")
        NamespaceRemains.remove("..", cgroupRoot: root + "/cgroup", containerdRoot: root + "/containerd")
        for path in gone + [tasks + "/fn"] { #expect(!FileManager.default.fileExists(atPath: path)) }
        for path in [kept, root + "/cgroup/memory/fn/busy"] { #expect(FileManager.default.fileExists(atPath: path)) }
    }
}
