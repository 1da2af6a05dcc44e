import FoundationEssentials
import SystemPackage

/// A picture of 8-bit red, green, blue and alpha that shapes are painted on.
struct MockCanvas {
    let width: Int
    let height: Int
    private var pixels: [UInt32]

    /// Starts transparent.
    init(width: Int, height: Int) {
        self.width = max(2, width)
        self.height = max(2, height)
        pixels = [UInt32](repeating: 0, count: self.width * self.height)
    }

    /// Paints every pixel of a row range with what `color` answers for it.
    mutating func paint(rows: Range<Int>, columns: Range<Int>, _ color: (_ x: Int, _ y: Int, _ below: UInt32) -> UInt32)
    {
        let rows = rows.clamped(to: 0..<height)
        let columns = columns.clamped(to: 0..<width)
        let width = width
        pixels.withUnsafeMutableBufferPointer { pixels in
            for y in rows {
                let row = y * width
                for x in columns { pixels[row + x] = color(x, y, pixels[row + x]) }
            }
        }
    }

    /// Fills everything below a skyline.
    ///
    /// - Parameters:
    ///   - tops: for every column the height above the lower edge, in pixels.
    ///   - colors: for every row.
    mutating func fill(below tops: [Double], colors: [UInt32]) {
        let (width, height) = (width, height)
        pixels.withUnsafeMutableBufferPointer { pixels in
            for x in 0..<min(width, tops.count) {
                let top = min(max(Double(height) - tops[x], 0), Double(height))
                let first = Int(top)
                guard first < height else { continue }
                let edge = UInt32((1 - (top - Double(first))) * 255)
                pixels[first * width + x] = colors[first] & 0x00FF_FFFF | edge << 24
                for y in (first + 1)..<max(height, first + 1) { pixels[y * width + x] = colors[y] }
            }
        }
    }

    /// Paints a soft-edged shape over what is there.
    ///
    /// - Parameter coverage: from 0 outside to 1 inside, for the centre of a pixel.
    mutating func blend(
        _ color: MockColor, x: ClosedRange<Double>, y: ClosedRange<Double>,
        _ coverage: (_ x: Double, _ y: Double) -> Double
    ) {
        let rows = Int(y.lowerBound.rounded(.down))..<Int(y.upperBound.rounded(.up)) + 1
        let columns = Int(x.lowerBound.rounded(.down))..<Int(x.upperBound.rounded(.up)) + 1
        paint(rows: rows, columns: columns) { x, y, below in
            let share = min(max(coverage(Double(x) + 0.5, Double(y) + 0.5), 0), 1)
            guard share > 0 else { return below }
            return Self.over(color, share, below)
        }
    }

    /// An ellipse with a soft edge.
    mutating func ellipse(_ color: MockColor, x: Double, y: Double, width: Double, height: Double, alpha: Double = 1) {
        guard width > 0, height > 0 else { return }
        let (a, b) = (width / 2, height / 2)
        blend(color, x: (x - a - 1)...(x + a + 1), y: (y - b - 1)...(y + b + 1)) { px, py in
            let (dx, dy) = ((px - x) / a, (py - y) / b)
            let inside = 0.5 + (1 - (dx * dx + dy * dy).squareRoot()) * min(a, b)
            return min(max(inside, 0), 1) * alpha
        }
    }

    /// A straight-edged box.
    mutating func box(_ color: MockColor, x: Double, y: Double, width: Double, height: Double, alpha: Double = 1) {
        guard width > 0, height > 0 else { return }
        blend(color, x: x...max(x, x + width - 1), y: y...max(y, y + height - 1)) { _, _ in alpha }
    }

    /// Light that fades with the distance from a point.
    mutating func glow(_ color: MockColor, x: Double, y: Double, radius: Double, strength: Double) {
        blend(color, x: (x - radius)...(x + radius), y: (y - radius)...(y + radius)) { px, py in
            let distance = ((px - x) * (px - x) + (py - y) * (py - y)).squareRoot() / radius
            let near = max(0, 1 - distance)
            return strength * near * near
        }
    }

    private static func over(_ color: MockColor, _ share: Double, _ below: UInt32) -> UInt32 {
        let alphaBelow = Double(below >> 24) / 255
        let alpha = share + alphaBelow * (1 - share)
        func part(_ value: Double, _ shift: UInt32) -> UInt32 {
            let old = Double(below >> shift & 255)
            let mixed = (value * 255 * share + old * alphaBelow * (1 - share)) / alpha
            return UInt32(min(max(mixed + 0.5, 0), 255)) << shift
        }
        return part(color.red, 0) | part(color.green, 8) | part(color.blue, 16) | UInt32(alpha * 255 + 0.5) << 24
    }

    /// Writes the picture as PAM, which ffmpeg reads and which needs no compression.
    func write(_ name: String, in directory: FilePath) throws {
        let header = "P7\nWIDTH \(width)\nHEIGHT \(height)\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
        var data = Data(header.utf8)
        // The bytes of a pixel lie in memory in the order of the format, whatever the machine's own order is.
        pixels.map(\.littleEndian).withUnsafeBytes { data.append(contentsOf: $0) }
        try data.write(to: URL(filePath: directory.appending(name).string))
    }
}
