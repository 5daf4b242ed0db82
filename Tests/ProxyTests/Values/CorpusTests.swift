import Foundation
import Testing

@testable import Proxy

/// Inputs that the fuzzer found worth keeping, known tricks (`seed-*`), and random changes of them.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")

    /// The inputs of one target, in an order that does not depend on the file system.
    private static func inputs(_ property: ParserProperty) throws -> [(name: String, bytes: [UInt8])] {
        let folder = folder.appendingPathComponent(property.rawValue)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appendingPathComponent(name))))
        }
    }

    /// Every property is tried with the inputs of every target: what is odd for one may be odd for another.
    @Test(arguments: ParserProperty.allCases) func holdsForTheCorpus(property: ParserProperty) throws {
        for target in ParserProperty.allCases {
            let inputs = try Self.inputs(target)
            #expect(inputs.count >= 10, "the corpus of \(target) is missing")
            for input in inputs {
                let violation = property.violation(for: input.bytes)
                #expect(violation == nil, "\(target)/\(input.name)")
            }
        }
    }

    @Test func theCorpusIsSmall() throws {
        let inputs = try ParserProperty.allCases.flatMap { try Self.inputs($0) }
        #expect(inputs.count < 300)
        #expect(inputs.reduce(0) { $0 + $1.bytes.count } < 300_000)
    }

    /// The same changes in every run; `PROXY_TEST_SEED` gives others.
    @Test(arguments: ParserProperty.allCases) func holdsForChangedInputs(property: ParserProperty) throws {
        let seed = getenv("PROXY_TEST_SEED") == nil ? 1 : testSeed()
        var random = SeededGenerator(seed: seed)
        let inputs = try Self.inputs(property).map(\.bytes)
        for round in 0..<4_000 {
            let input = Self.changed(inputs, by: &random)
            if let violation = property.violation(for: input) {
                Issue.record("\(violation); seed \(seed), round \(round), input \(input)")
                return
            }
        }
    }

    /// The properties must be able to fail: a judge that takes everything judges nothing.
    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
    ])
    func theJudgeRefuses(_ head: String) throws {
        let naive = try NaiveHead(Array(head.utf8))
        #expect(throws: Violation.self) { try naive.checkFraming(ConnectionFields()) }
    }

    private static let favourites: [UInt8] = [0, 9, 10, 11, 13, 32, 43, 44, 47, 48, 58, 59, 127, 255]

    private static func changed(_ inputs: [[UInt8]], by random: inout SeededGenerator) -> [UInt8] {
        var bytes = inputs.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] = favourites.randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(favourites.randomElement(using: &random) ?? 0, at: place)
            case 4:
                // A piece of another input, such as a line.
                let other = inputs.randomElement(using: &random) ?? []
                let start = Int.random(in: 0...other.count, using: &random)
                bytes.insert(contentsOf: other[start...].prefix(Int.random(in: 0...40, using: &random)), at: place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
                bytes.removeSubrange(place..<end)
            }
        }
        return bytes
    }
}
