import FoundationEssentials
import StudioCore
import SystemPackage

/// The words in a shot's picture: number, prompt, entities, expanded prompt, time code.
struct MockCaptions {
    /// One line of text on one of the two shades.
    struct Line {
        enum Style {
            case number, detail, entities, prompt, expansion
        }

        let text: String
        let style: Style
        /// Upper edge within its shade, in pixels.
        let y: Int
        let size: Int
    }

    let spec: VideoSpec
    let scene: MockScene
    let expansion: String?

    private var unit: Double { Double(spec.profile.height) / 720 }
    private var margin: Int { Int(40 * unit) }

    private func size(_ points: Double) -> Int { max(8, Int((points * unit).rounded())) }

    /// The lines on the upper shade.
    var upper: [Line] {
        let number = spec.number < 10 ? "0\(spec.number)" : "\(spec.number)"
        let details = [spec.shot, spec.model, "seed \(spec.seed)"].filter { !$0.isEmpty }.joined(separator: "  ·  ")
        let width = Double(spec.profile.width) * 0.6 / Double(size(15))
        return [
            Line(text: "SHOT \(number)", style: .number, y: Int(26 * unit), size: size(26)),
            Line(
                text: MockText.wrap(details, width: width, lines: 1).first ?? " ", style: .detail, y: Int(60 * unit),
                size: size(15)),
        ]
    }

    /// The lines on the lower shade, which is `height` pixels high: laid out from its lower edge upwards.
    func lower(height: Int) -> [Line] {
        let room = Double(spec.profile.width - 2 * margin)
        var lines: [Line] = []
        var y = Double(height) - 30 * unit
        func add(_ texts: [String], _ style: Line.Style, size: Int, leading: Double) {
            for text in texts.reversed() {
                y -= Double(size) * leading
                lines.append(Line(text: text, style: style, y: Int(y), size: size))
            }
        }
        if let expansion {
            let small = size(17)
            add(
                MockText.wrap(expansion, width: room * 0.94 / Double(small), lines: 2), .expansion, size: small,
                leading: 1.42)
            y -= 10 * unit
        }
        let large = size(33)
        add(
            MockText.wrap(spec.prompt, width: room * 0.86 / Double(large), lines: 3), .prompt, size: large, leading: 1.3
        )
        let names = spec.entities.map { MockText.plain($0.name, limit: 60) }.filter { !$0.isEmpty }
        if !names.isEmpty {
            y -= 8 * unit
            let medium = size(18)
            let text = names.joined(separator: "   •   ")
            add(
                MockText.wrap(text, width: room * 0.9 / Double(medium), lines: 1), .entities, size: medium, leading: 1.4
            )
        }
        return lines
    }

    /// Filters that draw `lines`, whose texts are written to files in `directory`: text from outside never becomes part
    /// of a filter's description.
    func filters(_ lines: [Line], prefix: String, in directory: FilePath) throws -> [String] {
        try lines.enumerated().map { index, line in
            let name = "\(prefix)\(index).txt"
            let text = line.text.isEmpty ? " " : line.text
            try Data(text.utf8).write(to: URL(filePath: directory.appending(name).string))
            let font = line.style == .number || line.style == .entities ? MockFonts.bold : MockFonts.plain
            // Opaque: on a transparent ground a translucent colour would come out dark.
            let color =
                switch line.style {
                case .number, .prompt: "white"
                case .detail: "0xc9ced8"
                case .expansion: "0xbcc3cf"
                case .entities: scene.accent.hexadecimal
                }
            let shadow = max(1, line.size / 20)
            return "drawtext=\(font)textfile=\(name):expansion=none:fontsize=\(line.size):fontcolor=\(color)"
                + ":shadowcolor=black@0.55:shadowx=\(shadow):shadowy=\(shadow):x=\(margin):y=\(line.y)"
        }
    }

    /// The filter that draws the film's running time code into every frame.
    var timecode: String {
        let rate = spec.profile.frameRate
        let nominal = max(1, (rate.numerator + rate.denominator / 2) / max(1, rate.denominator))
        let seconds = spec.startFrame / nominal
        let parts = [seconds / 3_600, seconds / 60 % 60, seconds % 60, spec.startFrame % nominal]
        let text = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "\\:")
        return "drawtext=\(MockFonts.fixed)timecode='\(text)':rate=\(rate.numerator)/\(rate.denominator)"
            + ":fontsize=\(size(25)):fontcolor=white@0.92:shadowcolor=black@0.55:shadowx=1:shadowy=1"
            + ":x=w-tw-\(margin):y=\(Int(28 * unit))"
    }
}
