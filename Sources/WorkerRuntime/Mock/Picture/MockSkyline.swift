/// The shape of the land, periodic, so that it can pass by for as long as a shot lasts.
struct MockSkyline {
    /// Height above the lower edge of the layer for every column, in pixels.
    let tops: [Double]
    /// Lit windows: left, upper edge, and size, in pixels.
    let windows: [(x: Double, y: Double, size: Double)]

    /// - Parameters:
    ///   - columns: how many are made.
    ///   - period: after so many columns the land begins again.
    ///   - height: of the layer, in pixels; the land fills between a third and all of it.
    ///   - roughness: 0 for land far away, 1 for land near by.
    init(
        _ place: MockScene.Place, columns: Int, period: Int, height: Double, roughness: Double, dice: inout MockDice
    ) {
        switch place {
        case .hills, .sea:
            let depth = place == .sea ? 0.10 : 0.42
            tops = Self.waves(
                columns, period, height, base: place == .sea ? 0.62 : 0.52, depth: depth, roughness, &dice)
            windows = []
        case .mountains:
            tops = Self.ridges(columns, period, height, roughness, &dice)
            windows = []
        case .forest:
            tops = Self.trees(columns, period, height, roughness, &dice)
            windows = []
        case .city:
            (tops, windows) = Self.houses(columns, period, height, &dice)
        }
    }

    private static func waves(
        _ columns: Int, _ period: Int, _ height: Double, base: Double, depth: Double, _ roughness: Double,
        _ dice: inout MockDice
    ) -> [Double] {
        var parts: [(cycles: Double, phase: Double, size: Double)] = []
        for part in 0..<4 {
            let cycles = (Double(2 + part * 3) * (1 + roughness)).rounded()
            parts.append((cycles, dice.number(0...6.283), depth / Double(1 + part * 2)))
        }
        return (0..<columns).map { column in
            let turn = Double(column % period) / Double(period) * 2 * Double.pi
            let wave = parts.reduce(0) { $0 + $1.size * sine(turn * $1.cycles + $1.phase) }
            return height * min(max(base + wave * 0.55, 0.08), 1)
        }
    }

    private static func ridges(
        _ columns: Int, _ period: Int, _ height: Double, _ roughness: Double, _ dice: inout MockDice
    ) -> [Double] {
        var total = [Double](repeating: 0, count: columns)
        for octave in 0..<5 {
            let peaks = (roughness > 0.5 ? 9 : 6) << octave
            let knots = (0..<peaks).map { _ in dice.unit() }
            let share = 0.62 / Double(1 << octave)
            for column in 0..<columns {
                let place = Double(column % period) / Double(period) * Double(peaks)
                let left = Int(place) % peaks
                let between = place - place.rounded(.down)
                total[column] += share * (knots[left] + (knots[(left + 1) % peaks] - knots[left]) * between)
            }
        }
        return total.map { height * min(max(0.05 + $0 * 0.85, 0.08), 1) }
    }

    private static func trees(
        _ columns: Int, _ period: Int, _ height: Double, _ roughness: Double, _ dice: inout MockDice
    ) -> [Double] {
        let ground = waves(columns, period, height, base: 0.34, depth: 0.16, roughness, &dice)
        let spacing = height * (0.10 + 0.10 * roughness)
        let count = max(3, Int(Double(period) / spacing))
        var trees: [(x: Double, top: Double, width: Double)] = []
        for index in 0..<count {
            let x = (Double(index) + dice.unit()) * Double(period) / Double(count)
            trees.append((x, height * dice.number(0.28...0.62), spacing * dice.number(0.8...1.5)))
        }
        return (0..<columns).map { column in
            let x = Double(column % period)
            let here = Int(x / Double(period) * Double(count))
            var best = ground[column]
            for offset in -2...2 {
                let tree = trees[((here + offset) % count + count) % count]
                var distance = abs(x - tree.x)
                distance = min(distance, Double(period) - distance)
                let slope = 1 - distance / tree.width
                // Branches stand out a little, the lower the more.
                let jag = slope > 0 ? 0.05 * sine(slope * 40) * (1 - slope) : 0
                if slope > 0 { best = max(best, ground[column] * 0.8 + tree.top * (slope + jag)) }
            }
            return min(best, height)
        }
    }

    private static func houses(
        _ columns: Int, _ period: Int, _ height: Double, _ dice: inout MockDice
    ) -> ([Double], [(x: Double, y: Double, size: Double)]) {
        var blocks: [(x: Int, width: Int, top: Double)] = []
        var x = 0
        while x < period {
            let width = min(Int(height * dice.number(0.18...0.46)), period - x)
            blocks.append((x, max(width, 4), height * dice.number(0.25...0.95)))
            x += max(width, 4)
        }
        var tops = [Double](repeating: 0, count: columns)
        var windows: [(x: Double, y: Double, size: Double)] = []
        let pane = max(2, height * 0.022)
        for shift in stride(from: 0, to: columns, by: period) {
            for block in blocks {
                for column in (block.x + shift)..<(block.x + block.width + shift) where column < columns {
                    tops[column] = block.top
                }
            }
        }
        for block in blocks {
            for row in stride(from: height - block.top + pane * 2, to: height - pane, by: pane * 3) {
                for column in stride(
                    from: Double(block.x) + pane, to: Double(block.x + block.width) - pane * 2, by: pane * 2.4)
                where dice.unit() < 0.22 {
                    for shift in stride(from: 0, to: columns, by: period) {
                        windows.append((column + Double(shift), row, pane))
                    }
                }
            }
        }
        return (tops, windows)
    }

    /// Bhaskara's approximation, exact to a quarter of a percent: shapes need no more, and the same on every platform.
    private static func sine(_ angle: Double) -> Double {
        let turn = angle / (2 * Double.pi)
        let place = (turn - turn.rounded(.down)) * 2 * Double.pi
        let (half, sign) = place < Double.pi ? (place, 1.0) : (place - Double.pi, -1.0)
        let product = half * (Double.pi - half)
        return sign * 16 * product / (5 * Double.pi * Double.pi - 4 * product)
    }
}
