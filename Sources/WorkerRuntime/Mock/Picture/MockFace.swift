import SystemPackage

/// A friendly face whose mouth opens in steps: head, a strip of mouths, closed eyes.
struct MockFace {
    /// Mouths from closed to wide open.
    static let mouths = 8

    /// Width and height of the head's picture, in pixels; a multiple of 4.
    let size: Int
    let seed: UInt64

    private var unit: Double { Double(size) / 240 }

    /// Size of one mouth's picture, in pixels.
    var mouthWidth: Int { Int(92 * unit) & ~3 }
    var mouthHeight: Int { Int(64 * unit) & ~3 }
    /// Where mouths lie on the head, from its upper left corner.
    var mouthX: Int { (size - mouthWidth) / 2 & ~1 }
    var mouthY: Int { Int(142 * unit) & ~1 }
    /// Size and place of the closed eyes.
    var lidsHeight: Int { Int(34 * unit) & ~3 }
    var lidsY: Int { Int(96 * unit) & ~1 }

    private let skin: MockColor
    private let hair: MockColor
    private let cloth: MockColor

    init(size: Int, seed: UInt64) {
        self.size = max(48, size & ~3)
        self.seed = seed
        var dice = MockDice(seed, "face")
        skin = .hsl(dice.number(18...32), dice.number(0.38...0.62), dice.number(0.40...0.76))
        hair = .hsl(dice.number(10...45), dice.number(0.15...0.55), dice.number(0.10...0.34))
        cloth = .hsl(dice.number(0...360), 0.42, 0.36)
    }

    /// Paints the three parts into `directory`.
    func paint(in directory: FilePath) throws {
        try head().write("head.pam", in: directory)
        try strip().write("mouths.pam", in: directory)
        try lids().write("lids.pam", in: directory)
    }

    private let ink = MockColor(red: 0.13, green: 0.09, blue: 0.10)

    private func head() -> MockCanvas {
        var canvas = MockCanvas(width: size, height: size)
        let u = unit
        canvas.ellipse(
            .init(red: 0, green: 0, blue: 0), x: 120 * u, y: 122 * u, width: 228 * u, height: 228 * u, alpha: 0.22)
        canvas.ellipse(
            cloth.mixed(with: .init(red: 1, green: 1, blue: 1), 0.75), x: 120 * u, y: 119 * u, width: 224 * u,
            height: 224 * u)
        canvas.ellipse(
            cloth.mixed(with: .init(red: 1, green: 1, blue: 1), 0.60), x: 120 * u, y: 119 * u, width: 212 * u,
            height: 212 * u)
        canvas.ellipse(hair, x: 120 * u, y: 96 * u, width: 152 * u, height: 150 * u)
        canvas.ellipse(skin.mixed(with: ink, 0.10), x: 52 * u, y: 126 * u, width: 24 * u, height: 36 * u)
        canvas.ellipse(skin.mixed(with: ink, 0.10), x: 188 * u, y: 126 * u, width: 24 * u, height: 36 * u)
        canvas.ellipse(skin, x: 120 * u, y: 126 * u, width: 136 * u, height: 160 * u)
        canvas.ellipse(hair, x: 100 * u, y: 58 * u, width: 104 * u, height: 44 * u)
        canvas.ellipse(hair, x: 152 * u, y: 62 * u, width: 62 * u, height: 40 * u)
        for side in [-1.0, 1.0] {
            let x = 120 * u + side * 31 * u
            canvas.ellipse(.init(red: 0.98, green: 0.97, blue: 0.95), x: x, y: 112 * u, width: 27 * u, height: 22 * u)
            canvas.ellipse(ink, x: x + 2 * u, y: 113 * u, width: 13 * u, height: 14 * u)
            canvas.ellipse(.init(red: 1, green: 1, blue: 1), x: x + 5 * u, y: 110 * u, width: 4 * u, height: 4 * u)
            canvas.ellipse(hair, x: x, y: 92 * u, width: 32 * u, height: 6 * u)
            canvas.ellipse(
                .hsl(8, 0.7, 0.6), x: 120 * u + side * 47 * u, y: 148 * u, width: 26 * u, height: 16 * u, alpha: 0.22)
        }
        canvas.ellipse(skin.mixed(with: ink, 0.18), x: 120 * u, y: 137 * u, width: 17 * u, height: 10 * u)
        return canvas
    }

    /// Mouths side by side, the first one closed.
    private func strip() -> MockCanvas {
        var canvas = MockCanvas(width: mouthWidth * Self.mouths, height: mouthHeight)
        let u = unit
        let lip = MockColor.hsl(2, 0.48, 0.42)
        for step in 0..<Self.mouths {
            let open = Double(step) / Double(Self.mouths - 1)
            let x = (Double(step) + 0.5) * Double(mouthWidth)
            let y = Double(mouthHeight) * 0.44
            // Round for loud sounds, wide for quiet ones.
            let width = (52 - 8 * open) * u
            let height = (5 + 38 * open) * u
            canvas.ellipse(lip, x: x, y: y, width: width + 8 * u, height: height + 7 * u)
            guard step > 0 else { continue }
            canvas.ellipse(.hsl(0, 0.5, 0.12), x: x, y: y, width: width, height: height)
            canvas.ellipse(.hsl(4, 0.55, 0.52), x: x, y: y + height * 0.30, width: width * 0.62, height: height * 0.36)
            if step > 1 {
                canvas.ellipse(
                    .init(red: 0.97, green: 0.96, blue: 0.92), x: x, y: y - height * 0.34, width: width * 0.66,
                    height: height * 0.18)
            }
        }
        return canvas
    }

    private func lids() -> MockCanvas {
        var canvas = MockCanvas(width: size, height: lidsHeight)
        let u = unit
        for side in [-1.0, 1.0] {
            let x = 120 * u + side * 31 * u
            let y = 112 * u - Double(lidsY)
            canvas.ellipse(skin.mixed(with: ink, 0.08), x: x, y: y, width: 30 * u, height: 25 * u)
            canvas.ellipse(ink, x: x, y: y + 5 * u, width: 24 * u, height: 3.5 * u)
        }
        return canvas
    }
}
