import FoundationEssentials
import StudioCore

/// How loud speech is in every frame of a shot.
struct MockEnvelope {
    /// Samples a second of the sound it reads: loudness needs no more.
    static let rate = 8_000

    private let profile: DeliveryProfile
    /// Mean square of each frame, full scale is 1.
    private var power: [Double]

    init(frames: Int, profile: DeliveryProfile) {
        self.profile = profile
        power = [Double](repeating: 0, count: frames)
    }

    /// Adds 16-bit mono sound at ``rate``.
    ///
    /// - Parameter start: where it begins in the shot, in samples of the profile's rate.
    mutating func add(_ sound: Data, from start: Int) {
        let first = start * Self.rate / max(1, profile.sampleRate)
        let frameRate = profile.frameRate
        func begin(_ frame: Int) -> Int { frame * Self.rate * frameRate.denominator / max(1, frameRate.numerator) }
        sound.withUnsafeBytes { bytes in
            let count = bytes.count / 2
            for frame in power.indices {
                let range = (begin(frame) - first)..<(begin(frame + 1) - first)
                let heard = range.clamped(to: 0..<count)
                guard !heard.isEmpty else { continue }
                var sum = 0
                for index in heard {
                    let value = Int(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
                    sum += value * value
                }
                power[frame] += Double(sum) / Double(range.count) / (32_768 * 32_768)
            }
        }
    }

    /// The loudness of every frame in steps from 0 to `count` − 1, a little smoothed.
    func steps(_ count: Int) -> [Int] {
        let loud = power.map { $0.squareRoot() }
        let top = max(loud.max() ?? 0, 0.02)
        var previous = 0.0
        return loud.map { level in
            let ratio = (level / top).squareRoot()
            let open = ratio * ratio.squareRoot()
            // Opens at once, closes over two frames, as mouths do.
            previous = open < 0.22 ? previous * 0.35 : max(open, previous * 0.6)
            return min(count - 1, Int(previous * Double(count - 1) + 0.5))
        }
    }
}
