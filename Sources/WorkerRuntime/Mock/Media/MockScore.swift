/// A short piece of music as a filter graph: four chords that repeat.
struct MockScore {
    private static let darkWords = [
        "dark", "sad", "tense", "storm", "lonely", "night", "minor", "slow", "drone", "melancholic",
    ]
    private static let brightWords = ["bright", "happy", "warm", "hope", "morning", "major", "dawn", "joy", "playful"]
    /// Steps of the scale on which the chords stand.
    private static let majorWalks = [[0, 5, 3, 4], [0, 4, 5, 3], [0, 3, 1, 4], [0, 2, 3, 4]]
    private static let minorWalks = [[0, 5, 2, 6], [0, 3, 5, 4], [0, 6, 5, 4], [0, 5, 3, 4]]
    /// The fundamental's overtones, about as a cello has them.
    private static let overtones = [(1, 1.0), (2, 0.46), (3, 0.27), (4, 0.11)]
    /// High enough for the overtones; the rest is resampled.
    private static let renderRate = 16_000

    /// Semitones above the root for each step of the scale.
    private let scale: [Int]
    private let walk: [Int]
    private let root: Double
    private let chordSeconds: Double
    private let dice: MockDice

    init(prompt: String, seed: UInt64) {
        let words = prompt.lowercased().split { !$0.isLetter }.map(String.init)
        var dice = MockDice(seed, "score")
        let isMinor =
            words.contains { Self.darkWords.contains($0) }
            || (!words.contains { Self.brightWords.contains($0) } && dice.unit() < 0.4)
        scale = isMinor ? [0, 2, 3, 5, 7, 8, 10] : [0, 2, 4, 5, 7, 9, 11]
        walk = dice.pick(isMinor ? Self.minorWalks : Self.majorWalks, else: [0, 5, 3, 4])
        root = 98 * Self.power(Int(dice.number(0...7)))
        chordSeconds = (dice.number(3.2...4.4) * 10).rounded() / 10
        self.dice = dice
    }

    /// The graph's text; ends at the label `music`, exactly `samples` long.
    func graph(samples: Int, rate: Int) -> String {
        var dice = dice
        let chords = walk.map { chord(on: $0, &dice).joined(separator: "|") }
        let sources = chords.enumerated().map { index, expression in
            "aevalsrc=exprs='\(expression)':s=\(Self.renderRate):d=\(chordSeconds.decimal):c=stereo[c\(index)]"
        }
        let labels = chords.indices.map { "[c\($0)]" }.joined()
        let loop = Int(chordSeconds * Double(chords.count) * Double(Self.renderRate))
        let seconds = Double(samples) / Double(rate)
        let rise = min(1.2, seconds / 4)
        let fall = min(2.5, seconds / 3)
        let finish =
            "\(labels)concat=n=\(chords.count):v=0:a=1,aloop=loop=-1:size=\(loop),"
            // Two soft echoes for a room.
            + "aecho=0.8:0.7:83|151:0.22|0.15,lowpass=f=3600,aresample=\(rate),atrim=end_sample=\(samples),"
            + "asetpts=N/SR/TB,afade=t=in:d=\(rise.decimal),"
            + "afade=t=out:st=\((seconds - fall).decimal):d=\(fall.decimal),"
            + "apad=whole_len=\(samples),atrim=end_sample=\(samples),"
            + "aformat=sample_fmts=s16:channel_layouts=stereo[music]"
        return (sources + [finish]).joined(separator: ";\n") + "\n"
    }

    /// Left and right of one chord: bass and three voices under the bow, plucked notes in eighths above.
    private func chord(on step: Int, _ dice: inout MockDice) -> [String] {
        let voices = [pitch(step) / 2, pitch(step), pitch(step + 2), pitch(step + 4)]
        let levels = [0.30, 0.24, 0.19, 0.17]
        let beat = chordSeconds / 8
        let tune = (0..<8).map { _ in pitch(step + dice.pick([0, 2, 4, 7, 9], else: 0)) * 4 }
        let plucks = (0..<8).filter { _ in dice.unit() < 0.6 }
        // Swells and sinks with the bow; never silent, so that the chords join.
        let swell = "(0.45+0.55*sin(PI*t/\(chordSeconds.decimal)))"
        return [-1.0, 1.0].map { side -> String in
            let held = voices.indices.map { index -> String in
                // A little apart on either side: wide, like several players.
                let frequency: Double = voices[index] * (1 + side * 0.0008 * Double(index + 1))
                let level: Double = levels[index] * (1 + side * (Double(index) - 1.5) * 0.16)
                return "st(0,2*PI*\(frequency.decimal)*t+0.5*sin(9.6*PI*t));st(\(index + 1),\(Self.tone(level)))"
            }
            let plucked = plucks.map { eighth -> String in
                let start = (Double(eighth) * beat).decimal
                let pan: Double = eighth.isMultiple(of: 2) ? 0.25 : -0.25
                let level: Double = 0.30 * (0.5 + side * pan)
                return "gte(t,\(start))*\(level.decimal)*exp(-3.2*(t-\(start)))*min(1,(t-\(start))*90)"
                    + "*sin(2*PI*\(tune[eighth].decimal)*(t-\(start)))"
            }
            let notes = (["\(swell)*(ld(1)+ld(2)+ld(3)+ld(4))"] + plucked).joined(separator: "+")
            return held.joined(separator: ";") + ";0.30*(\(notes))"
        }
    }

    /// A tone with its overtones, over the phase in the variable 0.
    private static func tone(_ level: Double) -> String {
        overtones.map { "\((level * $1).decimal)*sin(\($0)*ld(0))" }.joined(separator: "+")
    }

    /// The frequency of a step of the scale, in hertz.
    private func pitch(_ step: Int) -> Double {
        root * Self.power(scale[step % 7] + 12 * (step / 7))
    }

    /// The ratio of an interval of semitones.
    private static func power(_ semitones: Int) -> Double {
        (0..<semitones).reduce(1.0) { ratio, _ in ratio * 1.0594630943592953 }
    }
}
