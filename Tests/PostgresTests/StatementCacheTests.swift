import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    private func key(_ text: String, _ types: [UInt32] = []) -> StatementCache.Key {
        StatementCache.Key(text: text, types: types)
    }

    @Test func `a statement is prepared when it comes again`() {
        var cache = StatementCache(entriesMax: 4)
        #expect(cache.plan(for: key("a")) == .unnamed)
        guard case .prepare(let name) = cache.plan(for: key("a")) else { return #expect(Bool(false)) }
        #expect(cache.plan(for: key("a")) == .named(name))
        #expect(cache.plan(for: key("a", [20])) == .unnamed)
    }

    @Test func `the least recently used one is given up`() {
        var cache = StatementCache(entriesMax: 2)
        var names: [String: String] = [:]
        for text in ["a", "b"] {
            _ = cache.plan(for: key(text))
            if case .prepare(let name) = cache.plan(for: key(text)) { names[text] = name }
        }
        #expect(cache.plan(for: key("a")) == .named(names["a"] ?? ""))
        #expect(cache.plan(for: key("c")) == .unnamed)
        #expect(cache.takeDiscarded() == [names["b"] ?? ""])
        #expect(cache.takeDiscarded().isEmpty)
        #expect(cache.plan(for: key("a")) == .named(names["a"] ?? ""))
        #expect(cache.count == 2)
    }

    @Test func `a preparation that failed is forgotten`() {
        var cache = StatementCache(entriesMax: 2)
        _ = cache.plan(for: key("a"))
        _ = cache.plan(for: key("a"))
        cache.forget(key("a"))
        #expect(cache.plan(for: key("a")) == .unnamed)
    }

    @Test func `a cache of size zero prepares nothing`() {
        var cache = StatementCache(entriesMax: 0)
        for _ in 0..<3 { #expect(cache.plan(for: key("a")) == .unnamed) }
        #expect(cache.count == 0)
    }

    @Test func `a very long statement is not kept`() {
        var cache = StatementCache(entriesMax: 4)
        let long = String(repeating: "x", count: StatementCache.textBytesMax + 1)
        for _ in 0..<3 { #expect(cache.plan(for: key(long)) == .unnamed) }
    }
}
