import Foundation
import TestSupport
import Testing

/// The dashboards of deploy/grafana, as far as they can be without a Grafana: each of their queries, asked of a real
/// Prometheus that reads a daemon with something to do.
@Suite(.serialized) struct DashboardTests {
    /// One dashboard's file.
    private struct Dashboard {
        let name: String
        let content: [String: Any]

        static func all() throws -> [Dashboard] {
            let folder = Monitoring.folder.appending(path: "grafana")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            return try names.map { name in
                let object = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: name)))
                return Dashboard(name: name, content: try #require(object as? [String: Any]))
            }
        }

        var panels: [[String: Any]] { content["panels"] as? [[String: Any]] ?? [] }

        var variables: [[String: Any]] {
            (content["templating"] as? [String: Any])?["list"] as? [[String: Any]] ?? []
        }

        /// What Prometheus is asked, with a place to find it.
        var queries: [(place: String, text: String)] {
            let targets = panels.flatMap { panel in
                (panel["targets"] as? [[String: Any]] ?? []).map { target in
                    (place: "\(name), \(panel["title"] ?? "")", text: target["expr"] as? String ?? "")
                }
            }
            let choices = variables.compactMap { variable -> (place: String, text: String)? in
                guard let query = (variable["query"] as? [String: Any])?["query"] as? String else { return nil }
                return (place: "\(name), variable \(variable["name"] ?? "")", text: Self.asked(by: query))
            }
            return targets + choices
        }

        /// Grafana's `label_values(SERIES, LABEL)` in Prometheus' own words.
        private static func asked(by query: String) -> String {
            guard let parts = query.wholeMatch(of: #/label_values\((.*), *(\w+)\)/#) else { return query }
            return "count by (\(parts.2)) (\(parts.1))"
        }
    }

    @Test func theyAreWhatGrafanaImports() throws {
        let boards = try Dashboard.all()
        #expect(boards.map(\.name) == ["daemon.json", "function.json", "overview.json", "queue.json"])
        #expect(Set(boards.compactMap { $0.content["uid"] as? String }).count == boards.count)
        for board in boards {
            let ids = board.panels.compactMap { $0["id"] as? Int }
            #expect(ids.count == board.panels.count && Set(ids).count == ids.count && ids.count > 5)
            #expect(board.variables.first?["type"] as? String == "datasource")
            for panel in board.panels {
                // No machine has the data source of the machine on which a dashboard was drawn.
                let sources =
                    (panel["targets"] as? [[String: Any]] ?? []).map { $0["datasource"] } + [panel["datasource"]]
                #expect(sources.allSatisfy { ($0 as? [String: Any])?["uid"] as? String == "${datasource}" })
            }
        }
    }

    @Test func everyQueryHasData() async throws {
        let queries = try Dashboard.all().flatMap(\.queries)
        #expect(queries.count > 60)
        try await AsyncFixture.with { fixture in
            let function = """
                {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat",
                 "limits":{"memory":"64Mi"},
                 "labels":{"com.openfaas.scale.type":"capacity","com.openfaas.scale.target":"10"},
                 "annotations":{"topic":"cron-function","schedule":"@every 2s"}}
                """
            #expect(try await fixture.admin("POST", "/system/functions", body: function).status == 202)
            try await fixture.deploy("broken", "false")
            let monitoring = Monitoring(daemon: fixture.daemon)
            try monitoring.writeFiles()
            try await monitoring.withPrometheus {
                let load = SteadyLoad(
                    on: fixture.daemon, path: "/function/f", body: "x", clients: 1, pause: .milliseconds(20))
                _ = try await load.run(expecting: Answered()) {
                    try await eventuallyAllHaveData(queries, monitoring, fixture)
                }
            }
        }
    }

    private func eventuallyAllHaveData(
        _ queries: [(place: String, text: String)], _ monitoring: Monitoring, _ fixture: AsyncFixture
    ) async throws {
        var left = queries
        do {
            try await eventually("all queries have data", within: .seconds(60)) {
                _ = try await fixture.daemon.curl("POST", "/function/broken", body: "x")
                for name in ["f", "broken"] { _ = try await fixture.call(name, body: "x") }
                var empty: [(place: String, text: String)] = []
                for query in left {
                    let values = try await monitoring.values(of: Self.filledIn(query.text))
                    if values.isEmpty || !values.contains(where: \.isFinite) { empty.append(query) }
                }
                left = empty
                return left.isEmpty
            }
        } catch {
            throw TestFailure("\(error); without data: \(left.map { "\($0.place): \($0.text)" })")
        }
    }

    /// A query as Grafana sends it.
    private static func filledIn(_ query: String) -> String {
        [("$__rate_interval", "5s"), ("$__range", "1m"), ("$namespace", "openfaas-fn"), ("$name", "f")]
            .reduce(query) { $0.replacing($1.0, with: $1.1) }
    }
}
