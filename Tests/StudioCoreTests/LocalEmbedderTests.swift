import Testing

@testable import StudioCore

@Suite struct LocalEmbedderTests {
    private let embedder = LocalEmbedder()

    private func likeness(_ left: String, _ right: String) -> Float {
        zip(embedder.embed(left), embedder.embed(right)).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test(arguments: ["", "!?", "a", "red coat", "Ünïcödé 漢字 😀", String(repeating: "x ", count: 9_999)])
    func `every vector has the right size, and the length 1`(text: String) {
        let vector = embedder.embed(text)
        #expect(vector.count == LocalEmbedder.dimensions)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        #expect(embedder.embed(text) == vector)
    }

    @Test func `texts with common words are near each other`() {
        let pilot = "harbour pilot, 40, red coat"
        #expect(likeness(pilot, "RED coat; harbour pilot! 40") > 0.999)
        #expect(likeness(pilot, "an old pilot of the harbours in a red coat") > 0.4)
        #expect(likeness(pilot, "snowy mountain under stars") < 0.3)
    }

    @Test func `vectors never change, as they are stored`() {
        let vector = embedder.embed("pier")
        let features = vector.enumerated().filter { $0.element != 0 }
            .map { "\($0.offset)\($0.element < 0 ? "-" : "+")" }
        #expect(features == ["11+", "54+", "175+", "242-", "243-"])
    }
}
