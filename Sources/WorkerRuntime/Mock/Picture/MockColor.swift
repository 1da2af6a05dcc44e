/// A colour, each part from 0 to 1.
struct MockColor: Sendable {
    var red: Double
    var green: Double
    var blue: Double

    /// - Parameters:
    ///   - hue: in degrees, any number of turns.
    ///   - saturation: 0 to 1.
    ///   - lightness: 0 to 1.
    static func hsl(_ hue: Double, _ saturation: Double, _ lightness: Double) -> MockColor {
        let turn = (hue / 60).truncatingRemainder(dividingBy: 6)
        let sector = turn < 0 ? turn + 6 : turn
        let lightness = min(max(lightness, 0), 1)
        let chroma = (1 - abs(2 * lightness - 1)) * min(max(saturation, 0), 1)
        let second = chroma * (1 - abs(sector.truncatingRemainder(dividingBy: 2) - 1))
        let floor = lightness - chroma / 2
        let (red, green, blue) =
            switch Int(sector) {
            case 0: (chroma, second, 0.0)
            case 1: (second, chroma, 0.0)
            case 2: (0.0, chroma, second)
            case 3: (0.0, second, chroma)
            case 4: (second, 0.0, chroma)
            default: (chroma, 0.0, second)
            }
        return MockColor(red: red + floor, green: green + floor, blue: blue + floor)
    }

    func mixed(with other: MockColor, _ share: Double) -> MockColor {
        let share = min(max(share, 0), 1)
        return MockColor(
            red: red + (other.red - red) * share, green: green + (other.green - green) * share,
            blue: blue + (other.blue - blue) * share)
    }

    /// Four bytes in the order red, green, blue, alpha.
    ///
    /// - Parameter grain: added to every part before it is rounded, in steps of 8 bits; hides the steps of gradients.
    func pixel(alpha: Double = 1, grain: Double = 0) -> UInt32 {
        func byte(_ value: Double) -> UInt32 { UInt32(min(max(value * 255 + 0.5 + grain, 0), 255)) }
        return byte(red) | byte(green) << 8 | byte(blue) << 16 | byte(alpha) << 24
    }

    /// As ffmpeg writes colours: `0xRRGGBB`.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        let parts = [red, green, blue].map { min(max(Int($0 * 255 + 0.5), 0), 255) }
        return "0x" + String(parts.flatMap { [digits[$0 >> 4], digits[$0 & 15]] })
    }
}
