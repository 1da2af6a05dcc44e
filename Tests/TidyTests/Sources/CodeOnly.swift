/// Blanks out comments, string literals and backticked names, so that what is left of a Swift file is code.
///
/// Lines stay lines. Code interpolated into a string goes with the string.
struct CodeOnly {
    private enum State {
        case code
        case lineComment
        /// How deep it is nested.
        case blockComment(Int)
        case string(quotes: Int, pounds: Int)
        case name
    }

    private static let quote = UInt8(ascii: "\"")
    private static let pound = UInt8(ascii: "#")
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    private let bytes: [UInt8]
    private var out: [UInt8] = []
    private var index = 0
    private var state = State.code

    static func text(of source: String) -> String {
        var reader = CodeOnly(bytes: Array(source.utf8))
        while reader.index < reader.bytes.count { reader.step() }
        return String(decoding: reader.out, as: UTF8.self)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        out.reserveCapacity(bytes.count)
    }

    private mutating func step() {
        switch state {
        case .code: readCode()
        case .lineComment:
            if bytes[index] == Self.newline { state = .code }
            blank(1)
        case .blockComment(let depth): readBlockComment(depth)
        case .name:
            if bytes[index] == UInt8(ascii: "`") || bytes[index] == Self.newline { state = .code }
            blank(1)
        case .string(let quotes, let pounds): readString(quotes: quotes, pounds: pounds)
        }
    }

    private mutating func readCode() {
        if starts(with: "//") {
            state = .lineComment
            return blank(2)
        }
        if starts(with: "/*") {
            state = .blockComment(1)
            return blank(2)
        }
        if starts(with: "`") {
            state = .name
            return blank(1)
        }
        let pounds = run(of: Self.pound, from: index)
        let quotes = run(of: Self.quote, from: index + pounds)
        guard quotes > 0 else {
            out.append(contentsOf: bytes[index..<index + max(pounds, 1)])
            index += max(pounds, 1)
            return
        }
        // Two are an empty string; three and more open a long one.
        guard quotes != 2 else { return blank(pounds + quotes + pounds) }
        let opening = quotes >= 3 ? 3 : 1
        state = .string(quotes: opening, pounds: pounds)
        blank(pounds + opening)
    }

    private mutating func readBlockComment(_ depth: Int) {
        if starts(with: "*/") {
            state = depth == 1 ? .code : .blockComment(depth - 1)
            return blank(2)
        }
        guard starts(with: "/*") else { return blank(1) }
        state = .blockComment(depth + 1)
        blank(2)
    }

    private mutating func readString(quotes: Int, pounds: Int) {
        if bytes[index] == UInt8(ascii: "\\"), pounds == 0 { return blank(2) }
        let isEnd =
            run(of: Self.quote, from: index) >= quotes && run(of: Self.pound, from: index + quotes) >= pounds
        if isEnd || (quotes == 1 && bytes[index] == Self.newline) { state = .code }
        blank(isEnd ? quotes + pounds : 1)
    }

    private mutating func blank(_ count: Int) {
        let end = min(index + count, bytes.count)
        out.append(contentsOf: bytes[index..<end].lazy.map { $0 == Self.newline ? $0 : Self.space })
        index = end
    }

    private func starts(with word: StaticString) -> Bool {
        guard index + word.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<word.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == word.utf8Start[$0] }
    }

    private func run(of byte: UInt8, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] == byte { end += 1 }
        return end - start
    }
}
