/// Puts variables into the text of a stack file, as `faas-cli` does (drone/envsubst): `${NAME}` with defaults, cuts and
/// replacements. A bare `$NAME` stays as it is, `$$` is one `$`.
struct EnvironmentSubstitution {
    /// How deep defaults may hold variables of their own.
    private static let maximumDepth = 16
    /// The longest result, in bytes: a variable may be named many times.
    static let maximumBytes = 4 << 20

    private let environment: [String: String]
    private let path: String
    private let text: [Character]
    private var index = 0
    private var line = 1

    /// - Throws: ``CLIError`` with file and line where an expression is not well formed.
    static func apply(_ text: String, environment: [String: String], path: String) throws -> String {
        var substitution = EnvironmentSubstitution(environment: environment, path: path, text: Array(text))
        let result = try substitution.run(until: nil, depth: 0)
        return result
    }

    private init(environment: [String: String], path: String, text: [Character]) {
        self.environment = environment
        self.path = path
        self.text = text
    }

    private func failure(_ sentence: String) -> CLIError {
        CLIError(.stack, "\(path):\(line): \(sentence); --envsubst=false leaves the file as it is")
    }

    private var next: Character? { index < text.count ? text[index] : nil }

    private mutating func take() -> Character {
        let character = text[index]
        if character == "\n" || character == "\r\n" { line += 1 }
        index += 1
        return character
    }

    /// Copies text and puts in variables, up to one of the characters or the end.
    private mutating func run(until ends: Set<Character>?, depth: Int) throws -> String {
        guard depth <= Self.maximumDepth else { throw failure("variables are inside each other too deeply") }
        var result = ""
        while let character = next {
            if ends?.contains(character) == true { return result }
            _ = take()
            if character == "$", next == "$" {
                result.append(take())
            } else if character == "$", next == "{" {
                _ = take()
                result += try expression(depth: depth)
            } else if character == "\\", ends != nil, let escaped = next, ends?.contains(escaped) == true {
                result.append(take())
            } else {
                result.append(character)
            }
            guard result.utf8.count <= Self.maximumBytes else { throw failure("the file becomes too long") }
        }
        guard ends == nil else { throw failure("${ has no } to end it") }
        return result
    }

    /// What stands between `${` and `}`.
    private mutating func expression(depth: Int) throws -> String {
        let counts = next == "#"
        if counts { _ = take() }
        var name = ""
        while let character = next, character.isASCII, character.isLetter || character.isNumber || character == "_" {
            name.append(take())
        }
        guard !name.isEmpty else { throw failure("${ must be followed by the name of a variable") }
        let value = environment[name] ?? ""
        guard let mark = next else { throw failure("${\(name) has no } to end it") }
        if counts {
            try end(name)
            return String(value.count)
        }
        switch mark {
        case "}":
            _ = take()
            return value
        case ":": return try colon(name, value, depth: depth)
        case "=": return try fallback(name, value, skipping: 1, depth: depth)
        case "^", ",": return try letters(name, value)
        case "/": return try replacement(name, value, depth: depth)
        case "#", "%": return try cut(name, value, depth: depth)
        default: throw failure("${\(name)\(mark) is not an expression that is known here")
        }
    }

    private mutating func end(_ name: String) throws {
        guard next == "}" else { throw failure("${\(name) has no } to end it") }
        _ = take()
    }

    /// `:-` and its relatives, or `:START` and `:START:LENGTH`.
    private mutating func colon(_ name: String, _ value: String, depth: Int) throws -> String {
        guard index + 1 < text.count, "-=+?".contains(text[index + 1]) else {
            _ = take()
            let numbers = try run(until: ["}"], depth: depth + 1).split(separator: ":").map { Int($0) }
            try end(name)
            guard (1...2).contains(numbers.count), let start = numbers[0], start >= 0 else {
                throw failure("${\(name): must be followed by a start and a length")
            }
            let rest = value.dropFirst(start)
            guard numbers.count == 2 else { return String(rest) }
            guard let length = numbers[1], length >= 0 else { throw failure("${\(name):START:LENGTH needs a length") }
            return String(rest.prefix(length))
        }
        return try fallback(name, value, skipping: 2, depth: depth)
    }

    /// All of them stand for an empty variable, as in `faas-cli`.
    private mutating func fallback(_ name: String, _ value: String, skipping: Int, depth: Int) throws -> String {
        for _ in 0..<skipping { _ = take() }
        let other = try run(until: ["}"], depth: depth + 1)
        try end(name)
        return value.isEmpty ? other : value
    }

    private mutating func letters(_ name: String, _ value: String) throws -> String {
        let mark = take()
        let all = next == mark
        if all { _ = take() }
        try end(name)
        guard !all else { return mark == "^" ? value.uppercased() : value.lowercased() }
        let first = value.prefix(1)
        return (mark == "^" ? first.uppercased() : first.lowercased()) + value.dropFirst()
    }

    private mutating func replacement(_ name: String, _ value: String, depth: Int) throws -> String {
        _ = take()
        let all = next == "/"
        if all { _ = take() }
        let old = try run(until: ["/", "}"], depth: depth + 1)
        var new = ""
        if next == "/" {
            _ = take()
            new = try run(until: ["}"], depth: depth + 1)
        }
        try end(name)
        guard !old.isEmpty, value.utf8.count * (new.utf8.count + 1) <= Self.maximumBytes else { return value }
        return value.replacing(old, with: new, maxReplacements: all ? .max : 1)
    }

    private mutating func cut(_ name: String, _ value: String, depth: Int) throws -> String {
        let mark = take()
        let longest = next == mark
        if longest { _ = take() }
        let pattern = Wildcard(try run(until: ["}"], depth: depth + 1))
        try end(name)
        let characters = Array(value)
        let lengths = Array(0...characters.count)
        for length in longest ? lengths.reversed() : lengths {
            let part = mark == "#" ? characters.prefix(length) : characters.suffix(length)
            if pattern.matches(part) {
                return String(mark == "#" ? characters.dropFirst(length) : characters.dropLast(length))
            }
        }
        return value
    }
}

/// A pattern in which `*` stands for any text and `?` for one character.
struct Wildcard {
    private let pattern: [Character]

    init(_ pattern: String) {
        self.pattern = Array(pattern)
    }

    func matches(_ text: some Collection<Character>) -> Bool {
        let text = Array(text)
        var position = 0, place = 0
        var star: (pattern: Int, text: Int)?
        while place < text.count {
            if position < pattern.count, pattern[position] == "*" {
                star = (position + 1, place)
                position += 1
            } else if position < pattern.count, pattern[position] == "?" || pattern[position] == text[place] {
                position += 1
                place += 1
            } else if let last = star {
                position = last.pattern
                place = last.text + 1
                star = (last.pattern, place)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }
}
