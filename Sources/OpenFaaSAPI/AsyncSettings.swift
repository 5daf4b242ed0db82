/// What a function says about its asynchronous calls, in annotations or labels; an annotation wins.
///
/// The names of the retry settings and of the queue are OpenFaaS's (docs "retries", "queue worker"), as are the default
/// numbers; to its default codes 503 is added, which a starting function answers.
public struct AsyncSettings: Sendable, Equatable {
    /// How often a call is sent at most, the first time included (`com.openfaas.retry.attempts`).
    public var attempts = 10
    /// The status codes that are tried again (`com.openfaas.retry.codes`).
    public var codes: Set<Int> = [408, 429, 500, 502, 503, 504]
    /// The wait before the second attempt; it doubles from one to the next (`com.openfaas.retry.min_wait`).
    public var minimumWait = Duration.seconds(10)
    /// The longest wait between two attempts (`com.openfaas.retry.max_wait`).
    public var maximumWait = Duration.seconds(120)
    /// The named queue (`com.openfaas.queue`).
    public var queue = Self.defaultQueue
    /// How many calls may run at once (`com.openfaas.async.concurrency`); `nil` is no limit but that of all functions.
    public var concurrency: Int?

    /// The queue of a function that names none: OpenFaaS's own name for it.
    public static let defaultQueue = "faas-request"

    private static let attemptsKey = "com.openfaas.retry.attempts"
    private static let codesKey = "com.openfaas.retry.codes"
    private static let minimumWaitKey = "com.openfaas.retry.min_wait"
    private static let maximumWaitKey = "com.openfaas.retry.max_wait"
    private static let queueKey = "com.openfaas.queue"
    private static let concurrencyKey = "com.openfaas.async.concurrency"

    /// The defaults.
    public init() {}

    /// Reads what a function says; a value that breaks its rule counts as not said.
    public init(annotations: [String: String], labels: [String: String]) {
        for values in [labels, annotations] { _ = read(values) }
    }

    /// The rule that one of a function's labels or annotations breaks, as a sentence; `nil` when all hold.
    public static func problem(in values: [String: String]) -> String? {
        var settings = AsyncSettings()
        return settings.read(values)
    }

    /// Takes over what is said soundly.
    ///
    /// - Returns: what the first key breaks that breaks its rule.
    private mutating func read(_ values: [String: String]) -> String? {
        var reader = SettingReader(values)
        attempts = reader.number(Self.attemptsKey, 1...1000) ?? attempts
        codes = reader.value(Self.codesKey, "status codes from 400 to 599 with commas between", Self.codes) ?? codes
        minimumWait = reader.time(Self.minimumWaitKey, such: "10s") ?? minimumWait
        maximumWait = reader.time(Self.maximumWaitKey, such: "2m") ?? maximumWait
        queue =
            reader.value(Self.queueKey, "1 to 63 letters, digits, '-', '_' or '.'") { Self.isQueueName($0) ? $0 : nil }
            ?? queue
        concurrency = reader.number(Self.concurrencyKey, 1...10_000) ?? concurrency
        return reader.problem
    }

    private static func codes(_ text: String) -> Set<Int>? {
        var codes: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let digits = part.drop { $0 == " " }.prefix { $0 != " " }
            guard let code = Int(digits), (400...599).contains(code) else { return nil }
            codes.insert(code)
        }
        return codes
    }

    /// Whether a text can name a queue.
    public static func isQueueName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
