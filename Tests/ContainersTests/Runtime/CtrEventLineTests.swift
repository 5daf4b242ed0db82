import Testing

@testable import Containers

@Suite struct CtrEventLineTests {
    @Test func recordedStream() throws {
        let lines = try Recorded.text("events").split(separator: "\n")
        let events = lines.compactMap { CtrEventLine(String($0))?.event }
        #expect(events.count == lines.count)
        let ofInterest = events.filter { event in
            switch event {
            case .other: false
            default: true
            }
        }
        let image = "docker.io/test/box:latest"
        #expect(
            Array(ofInterest.prefix(8)) == [
                .containerCreate(id: "web-1", namespace: "t1", image: image),
                .taskCreate(id: "web-1", namespace: "t1", pid: 16652),
                .taskStart(id: "web-1", namespace: "t1", pid: 16652),
                .containerCreate(id: "web-2", namespace: "t1", image: image),
                .taskCreate(id: "web-2", namespace: "t1", pid: 16725),
                .taskStart(id: "web-2", namespace: "t1", pid: 16725),
                .taskPaused(id: "web-2", namespace: "t1"),
                .containerCreate(id: "web-3", namespace: "t1", image: image),
            ])
        #expect(events.contains(.taskExit(id: "web-3", namespace: "t1", pid: 16817, exitStatus: 137)))
        #expect(events.contains(.taskDelete(id: "web-3", namespace: "t1", pid: 16817, exitStatus: 137)))
        #expect(events.contains(.containerDelete(id: "web-4", namespace: "t1")))
        #expect(events.contains(.other(topic: "/images/update", namespace: "t1")))
    }

    @Test func theEndOfAnExecIsNotTheEndOfTheTask() throws {
        let line = try #require(
            try Recorded.text("events").split(separator: "\n").first { $0.contains("\"id\":\"e3\"") })
        #expect(CtrEventLine(String(line))?.event == .other(topic: "/tasks/exit", namespace: "t1"))
    }

    @Test func aMissingExitStatusIsZero() throws {
        let line = try #require(
            try Recorded.text("events").split(separator: "\n").first {
                $0.contains("/tasks/exit") && $0.contains("x7")
            })
        #expect(CtrEventLine(String(line))?.event == .taskExit(id: "x7", namespace: "t1", pid: 17853, exitStatus: 0))
    }

    @Test func outOfMemory() {
        let line = #"2026-11-24 04:17:39.5 +0000 UTC ns /tasks/oom {"container_id":"a"}"#
        #expect(CtrEventLine(line)?.event == .taskOOM(id: "a", namespace: "ns"))
    }

    @Test func labelsOfANamespace() {
        let line = #"2026-11-24 04:17:39.5 +0000 UTC ns /namespaces/update {"name":"ns","labels":{"a":"1"}}"#
        #expect(CtrEventLine(line)?.namespaceLabels == ["a": "1"])
    }

    @Test(arguments: [
        "", "x", "a b c d e f g", #"2026-11-24 04:17:39.5 +0000 UTC ns /tasks/oom {"#,
        "2026-11-24 04:17:39.5 +0000 UTC ns tasks {}",
    ])
    func noEvent(line: String) {
        #expect(CtrEventLine(line) == nil)
    }
}
