import StudioCore
import SystemPackage

/// Paints the parts that a shot's picture is moved together from.
struct MockBackdrop {
    let scene: MockScene
    let spec: VideoSpec

    /// Pixels a frame, at the width of a 1280 picture.
    static let farSpeed = 1.0
    static let nearSpeed = 2.0
    static let farHeightShare = 0.40
    static let nearHeightShare = 0.24

    private var width: Int { spec.profile.width }
    private var height: Int { spec.profile.height }
    private var unit: Double { Double(height) / 720 }

    /// Where the sky meets the land, from the upper edge, in pixels.
    private var horizonY: Double { Double(height) * 0.66 }

    /// Paints all parts into `directory`; the names are those the video's filter graph reads.
    func paint(in directory: FilePath) throws {
        try sky().write("sky.pam", in: directory)
        try land(far: true).write("far.pam", in: directory)
        try land(far: false).write("near.pam", in: directory)
        try mover().write("mover.pam", in: directory)
        try shade(height: Int(Double(height) * 0.42), downwards: true).write("lower.pam", in: directory)
        try shade(height: Int(Double(height) * 0.16), downwards: false).write("upper.pam", in: directory)
    }

    /// How far a layer travels before it repeats, in pixels.
    func period() -> Int { width * 2 }

    static func speed(_ base: Double, width: Int) -> Int { max(1, Int((base * Double(width) / 1280).rounded())) }

    /// Half the size of the picture: it has no edges that would show.
    private func sky() -> MockCanvas {
        var canvas = MockCanvas(width: width / 2, height: height / 2)
        let horizon = horizonY / 2
        var dice = MockDice(spec.seed, "sky")
        canvas.paint(rows: 0..<canvas.height, columns: 0..<canvas.width) { x, y, _ in
            let place = min(Double(y) / horizon, 1)
            let color =
                place < 0.55
                ? scene.skyTop.mixed(with: scene.skyMiddle, place / 0.55)
                : scene.skyMiddle.mixed(with: scene.horizon, (place - 0.55) / 0.45)
            // An ordered pattern instead of noise: it hides steps and costs the encoder nothing in still pictures.
            return color.pixel(grain: Double((x & 1) * 2 + ((x ^ y) & 1)) / 4 - 0.375)
        }
        let (wide, high) = (Double(canvas.width), Double(canvas.height))
        if scene.light == .night {
            for _ in 0..<90 {
                let size = dice.number(0.6...1.5) * max(unit, 0.5)
                canvas.ellipse(
                    scene.sun, x: dice.number(0...wide), y: dice.number(0...(horizon * 0.8)), width: size, height: size,
                    alpha: dice.number(0.25...0.9))
            }
        }
        let sunX = wide * dice.number(0.58...0.80)
        let sunY =
            horizon * (scene.light == .dawn || scene.light == .dusk ? dice.number(0.62...0.8) : dice.number(0.24...0.4))
        let size = high * (scene.light == .night ? 0.10 : 0.15)
        let strength = scene.light == .storm ? 0.25 : 0.62
        canvas.glow(scene.sun, x: sunX, y: sunY, radius: high * 0.75, strength: strength * 0.7)
        canvas.glow(scene.sun, x: sunX, y: sunY, radius: high * 0.26, strength: strength)
        if scene.light != .storm {
            canvas.ellipse(scene.sun, x: sunX, y: sunY, width: size, height: size, alpha: 0.95)
        }
        for _ in 0..<7 { cloud(on: &canvas, horizon: horizon, &dice) }
        if scene.place == .sea { water(on: &canvas, horizon: horizon, sunX: sunX, &dice) }
        return canvas
    }

    private func cloud(on canvas: inout MockCanvas, horizon: Double, _ dice: inout MockDice) {
        let (x, y) = (dice.number(0...Double(canvas.width)), horizon * dice.number(0.12...0.72))
        let wide = Double(canvas.width) * dice.number(0.10...0.26)
        let color = scene.horizon.mixed(with: scene.sun, 0.35)
        let alpha = scene.light == .storm ? 0.16 : scene.light == .night ? 0.05 : 0.13
        for puff in 0..<4 {
            let offset = (Double(puff) - 1.5) * wide * 0.22
            canvas.ellipse(
                color, x: x + offset, y: y + dice.number(-2...2) * unit, width: wide * dice.number(0.4...0.75),
                height: wide * dice.number(0.05...0.10), alpha: alpha)
        }
    }

    private func water(on canvas: inout MockCanvas, horizon: Double, sunX: Double, _ dice: inout MockDice) {
        let deep = scene.far.mixed(with: scene.skyTop, 0.5)
        let (wide, high) = (Double(canvas.width), Double(canvas.height))
        canvas.paint(rows: Int(horizon)..<canvas.height, columns: 0..<canvas.width) { x, y, _ in
            let depth = (Double(y) - horizon) / (high - horizon)
            return scene.horizon.mixed(with: deep, 0.45 + depth * 0.5).pixel(grain: Double((x ^ y) & 1) / 2 - 0.25)
        }
        for _ in 0..<70 {
            let depth = dice.unit()
            let length = wide * (0.012 + 0.05 * depth) * dice.number(0.4...1.2)
            let x = sunX + dice.number(-1...1) * wide * (0.04 + 0.10 * depth)
            canvas.box(
                scene.sun, x: x - length / 2, y: horizon + 1 + depth * (high - horizon) * 0.9, width: length, height: 1,
                alpha: 0.55 - 0.4 * depth)
        }
    }

    private func land(far: Bool) -> MockCanvas {
        var dice = MockDice(spec.seed, far ? "far" : "near")
        let speed = Self.speed(far ? Self.farSpeed : Self.nearSpeed, width: width)
        let columns = min(period() + width, width + speed * spec.frames + 2)
        let rows = Int(Double(height) * (far ? Self.farHeightShare : Self.nearHeightShare))
        var canvas = MockCanvas(width: columns, height: rows)
        // Behind a sea lie hills; in front of it more water.
        let place = far && scene.place == .sea ? MockScene.Place.hills : scene.place
        let reach = Double(rows) * (far ? (scene.place == .sea ? 0.42 : 0.86) : 0.9)
        let line = MockSkyline(
            place, columns: columns, period: period(), height: reach, roughness: far ? 0.2 : 1, dice: &dice)
        let haze = scene.horizon.mixed(with: scene.far, 0.45)
        let colors = (0..<rows).map { row in
            let share = Double(row) / Double(rows)
            return
                (far
                ? scene.far.mixed(with: haze, share * 0.75) : scene.near.mixed(with: scene.far, 0.28 - share * 0.2))
                .pixel()
        }
        let base = far && scene.place == .sea ? Double(rows) * 0.32 : 0
        canvas.fill(below: line.tops.map { $0 + base }, colors: colors)
        if far, scene.place == .sea {
            // Water in front of the coast: the lower part of the layer lets it through.
            canvas.paint(rows: rows - Int(base)..<rows, columns: 0..<columns) { _, _, _ in 0 }
        }
        let lit = scene.light == .night || scene.light == .dusk || scene.light == .storm
        for window in line.windows where lit || dice.unit() < 0.3 {
            canvas.box(
                lit ? scene.accent : scene.far.mixed(with: scene.horizon, 0.6), x: window.x,
                y: window.y + Double(rows) - reach, width: window.size, height: window.size * 1.3,
                alpha: lit ? 0.85 : 0.4)
        }
        if far, scene.hasLighthouse, [.sea, .hills].contains(scene.place) {
            lighthouse(on: &canvas, line.tops.map { $0 + base })
        }
        return canvas
    }

    private func lighthouse(on canvas: inout MockCanvas, _ tops: [Double]) {
        let column = min(Int(Double(width) * 0.34), tops.count - 1)
        let foot = Double(canvas.height) - tops[column] + 6 * unit
        let x = Double(column)
        let tall = min(foot - 52 * unit, 118 * unit)
        let color = scene.near.mixed(with: scene.far, 0.25)
        let top = foot - tall
        canvas.blend(color, x: (x - 16 * unit)...(x + 16 * unit), y: top...foot) { px, py in
            let half = (7 + 8 * (py - top) / tall) * unit
            return 0.5 + half - abs(px - x)
        }
        canvas.box(
            scene.sun.mixed(with: scene.far, 0.25), x: x - 9 * unit, y: top + tall * 0.32, width: 18 * unit,
            height: 13 * unit, alpha: 0.35)
        canvas.box(color, x: x - 11 * unit, y: top - 3 * unit, width: 22 * unit, height: 4 * unit)
        canvas.box(scene.accent, x: x - 5 * unit, y: top - 14 * unit, width: 10 * unit, height: 11 * unit)
        canvas.ellipse(color, x: x, y: top - 14 * unit, width: 16 * unit, height: 9 * unit)
        canvas.glow(
            scene.accent, x: x, y: top - 8 * unit, radius: 44 * unit, strength: scene.light == .day ? 0.3 : 0.85)
    }

    /// Something small that crosses the picture: a boat, birds, or a light.
    private func mover() -> MockCanvas {
        var canvas = MockCanvas(width: Int(120 * unit) & ~1, height: Int(80 * unit) & ~1)
        let u = unit
        switch (scene.place, scene.light) {
        case (.sea, _):
            canvas.blend(scene.near, x: (20 * u)...(100 * u), y: (56 * u)...(72 * u)) { x, y in
                0.5 + (40 * u - (y - 56 * u) * 0.9) - abs(x - 60 * u)
            }
            canvas.blend(scene.horizon.mixed(with: scene.sun, 0.5), x: (34 * u)...(88 * u), y: (8 * u)...(53 * u)) {
                x, y in
                let drop = y - 8 * u
                return min(1, min(x - (62 * u - drop * 0.55), 63 * u + drop * 0.5 - x, abs(x - 62 * u) - u) + 0.5)
            }
            canvas.box(scene.near, x: 61 * u, y: 4 * u, width: 2 * u, height: 54 * u)
        case (_, .night), (_, .storm):
            canvas.glow(scene.accent, x: 60 * u, y: 40 * u, radius: 34 * u, strength: 0.8)
            canvas.ellipse(scene.accent.mixed(with: scene.sun, 0.5), x: 60 * u, y: 40 * u, width: 7 * u, height: 7 * u)
        default:
            for (x, y, size) in [(34.0, 30.0, 15.0), (62, 44, 12), (86, 26, 10)] {
                canvas.blend(
                    scene.near, x: ((x - size) * u)...((x + size) * u), y: ((y - size) * u)...((y + size) * u)
                ) { px, py in
                    let side = abs(px / u - x) / size
                    let wing = y - size * 0.5 * (1.6 * side - side * side)
                    return side > 1 ? 0 : (1.5 + 1.2 * (1 - side)) * u - abs(py - wing * u)
                }
            }
        }
        return canvas
    }

    /// Darkness that text can be read on.
    private func shade(height rows: Int, downwards: Bool) -> MockCanvas {
        var canvas = MockCanvas(width: width, height: rows & ~1)
        let depth = canvas.height
        let color = scene.near.mixed(with: MockColor(red: 0, green: 0, blue: 0), 0.72)
        canvas.paint(rows: 0..<depth, columns: 0..<width) { _, y, _ in
            let place = Double(downwards ? y : depth - y) / Double(depth)
            let ease = place * place * (3 - 2 * place)
            return color.pixel(alpha: (downwards ? 0.86 : 0.55) * ease)
        }
        return canvas
    }
}
