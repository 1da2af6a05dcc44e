import Foundation
package import StudioCore
import SystemPackage

/// Speaks a line with the small voices that are built into ffmpeg.
package struct MockSpeechExecutor: TaskExecutor {
    static let voices = ["awb", "kal", "kal16", "rms", "slt"]
    private static let lineMax = 4_000

    private let tool: MockTool

    package init(_ tool: MockTool) {
        self.tool = tool
    }

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .speech(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        report(phase: "sampling", done: 0, total: 1, unit: "lines")
        let directory = assignment.directory
        let line = Self.spoken(spec.line)
        try Data(line.utf8).write(to: URL(filePath: directory.appending("line.txt").string))
        let made = try await tool(
            ["-f", "lavfi", "-i", "flite=textfile=line.txt:voice=\(Self.voice(spec.voice))"]
                // As loud as a person at a table, without rumble.
                + ["-af", "aresample=\(spec.sampleRate),highpass=f=70,volume=-5dB,alimiter=limit=0.8:level=0"]
                + MockDelivery.soundArguments(codec: "pcm_s16le", channels: 1, rate: spec.sampleRate)
                + ["-f", "wav", "speech.wav"],
            in: directory)
        let samples = try MockDelivery.samples(made, rate: spec.sampleRate)
        report(phase: "sampling", done: 1, total: 1, unit: "lines")
        return [
            ProducedFile(
                name: "speech.wav", path: directory.appending("speech.wav"), contentType: "audio/wav",
                media: MediaFacts(samples: samples))
        ]
    }

    /// The voice itself when ffmpeg has it, else always the same one for the same name.
    static func voice(_ name: String) -> String {
        if voices.contains(name) { return name }
        var dice = MockDice("voice/\(name)")
        return dice.pick(voices, else: "slt")
    }

    /// What an English voice can say of `line`: letters without their marks, never nothing.
    static func spoken(_ line: String) -> String {
        let pairs: [Character: String] = [
            "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss",
            "—": ", ", "–": ", ",
            "’": "'", "…": ".", "“": "", "”": "", "„": "",
        ]
        let text = MockText.plain(line, limit: lineMax).map { character -> String in
            if let pair = pairs[character] { return pair }
            if character.isASCII { return String(character) }
            // A letter with a mark decomposes into the letter and the mark.
            let base = String(character).decomposedStringWithCanonicalMapping.unicodeScalars.first { $0.isASCII }
            return base.map { String(Character($0)) } ?? " "
        }.joined()
        return text.contains { $0.isLetter || $0.isNumber } ? text : "Hm."
    }
}
