import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import OpenFaaSAPI

/// `faas-cli logs`
struct LogsCommand: AsyncParsableCommand {
    enum Output: String, CaseIterable, ExpressibleByArgument {
        case plain, keyvalue, json
    }

    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Fetch logs for a function.",
        discussion: "Follows the logs until Ctrl-C, unless --tail=false (or --no-tail) is given.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Flag(name: [.customShort("t"), .long], inversion: .prefixedNo, help: "Go on with new lines as they come.")
    var tail = true

    @Flag(help: "The same as --tail.")
    var follow = false

    @Option(help: "The most lines of what is there already; -1 for all.")
    var lines = -1

    @Option(help: "Only what is newer than this, such as 5m or 1h30m.")
    var since: String?

    @Option(help: "Only what is newer than this time (RFC 3339).")
    var sinceTime: String?

    @Option(name: .shortAndLong, help: "plain, keyvalue or json.")
    var output = Output.plain

    @Flag(name: .shortAndLong, help: "The same as --output json.")
    var json = false

    @Option(help: "Go layout of the time, or one of rfc3339, rfc3339nano, rfc822, rfc850, rfc1123; empty for none.")
    var timeFormat: String?

    @Flag(name: .customLong("name"), help: "Print the function's name in each line.")
    var showName = false

    @Flag(help: "Print the replica's name in each line.")
    var instance = false

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        guard let name, !name.isEmpty else { throw CLIError(.usage, "function name is required") }
        let layout = LogTimeLayout(timeFormat)
        let query = try query(name)
        let gateway = try await Stack.load(stack)?.gateway
        try await Gateway.with(options, stack: gateway, keepsFlag: options.gateway != nil, warns: true) { client in
            try await client.reached {
                let request = try client.request(.GET, "/system/logs", query: query)
                let response = try await client.transport.open(request, timeout: nil)
                guard response.status == .ok else {
                    let body = try await response.body.collect(upTo: 64 << 10)
                    throw client.unexpected(
                        Reply(
                            status: Int(response.status.code), reason: response.status.reasonPhrase, headers: [:],
                            body: Array(body.readableBytesView)))
                }
                try await print(response.body, layout)
            }
        }
    }

    private func query(_ name: String) throws -> [(String, String)] {
        var query = [("name", name), ("follow", tail || follow ? "true" : "false"), ("namespace", namespace.value)]
        if lines != 0 { query.append(("tail", String(lines))) }
        if let sinceTime {
            query.append(("since", sinceTime))
        } else if let since {
            guard let duration = GoDuration.parse(since) else {
                throw CLIError(.usage, "invalid --since \"\(since)\": it must be a time such as 5m or 1h30m")
            }
            let moment = Date(timeIntervalSinceNow: -Double(duration.nanoseconds) / 1e9)
            query.append(("since", ISO8601DateFormatter().string(from: moment)))
        }
        return query
    }

    private func print(_ body: HTTPClientResponse.Body, _ layout: LogTimeLayout) async throws {
        var rest = ByteBuffer()
        for try await piece in body {
            rest.writeImmutableBuffer(piece)
            while let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let length = end - rest.readerIndex + 1
                if let line = rest.readSlice(length: length) { show(line, layout) }
            }
            rest.discardReadBytes()
            guard rest.readableBytes <= 4 << 20 else {
                throw CLIError(.refused, "the gateway sent a log message that is too long")
            }
        }
        show(rest, layout)
    }

    private func show(_ line: ByteBuffer, _ layout: LogTimeLayout) {
        // A line that is no message, such as an empty one, has nothing to show.
        guard let message = try? JSONDecoder().decode(LogMessage.self, from: Data(line.readableBytesView)) else {
            return
        }
        switch json ? .json : output {
        case .json: Console.raw(String(decoding: line.readableBytesView, as: UTF8.self).trimmedEnd + "\n")
        case .plain: Console.out(plain(message, layout))
        case .keyvalue: Console.out(keyValue(message, layout))
        }
    }

    func plain(_ message: LogMessage, _ layout: LogTimeLayout) -> String {
        var words = layout.text(message.timestamp).map { [$0] } ?? []
        if showName { words.append(message.name) }
        if instance { words.append("(\(message.instance))") }
        return (words + [message.text]).joined(separator: " ").trimmedEnd
    }

    func keyValue(_ message: LogMessage, _ layout: LogTimeLayout) -> String {
        var words = layout.text(message.timestamp).map { ["timestamp=\"\($0)\""] } ?? []
        if showName { words.append("name=\"\(message.name)\"") }
        if instance { words.append("instance=\"\(message.instance)\"") }
        let text = message.text.trimmedEnd.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return (words + ["text=\"\(text)\""]).joined(separator: " ")
    }
}

extension String {
    /// Without line feeds at its end.
    fileprivate var trimmedEnd: String {
        var text = self[...]
        while let last = text.last, last == "\n" || last == "\r\n" { text = text.dropLast() }
        return String(text)
    }
}
