/// Prepares text for drawing: one line, printable, wrapped to a width.
enum MockText {
    /// `text` without control characters, white space runs made one space.
    static func plain(_ text: String, limit: Int = 2_000) -> String {
        let visible = text.unicodeScalars.prefix(limit).map { scalar -> Character in
            scalar.properties.isWhitespace || scalar.properties.generalCategory == .control ? " " : Character(scalar)
        }
        return String(visible).split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    /// Breaks `text` into at most `lines` lines of `width` ems; what does not fit is replaced by an ellipsis.
    static func wrap(_ text: String, width: Double, lines: Int) -> [String] {
        var result: [String] = []
        var line = ""
        var rest = words(plain(text), width: width)[...]
        while let word = rest.first {
            let longer = line.isEmpty ? word : "\(line) \(word)"
            if line.isEmpty || ems(longer) <= width {
                line = longer
                rest.removeFirst()
            } else if result.count + 1 < lines {
                result.append(line)
                line = ""
            } else {
                break
            }
        }
        if !rest.isEmpty {
            while !line.isEmpty, ems(line) + 1 > width || line.last == " " { line.removeLast() }
            line += "…"
        }
        if !line.isEmpty { result.append(line) }
        return result
    }

    /// Words, those longer than a line broken by force.
    private static func words(_ text: String, width: Double) -> [String] {
        text.split(separator: " ").flatMap { word -> [String] in
            var parts = [""]
            for character in word {
                if ems((parts.last ?? "") + String(character)) > width { parts.append("") }
                parts[parts.count - 1].append(character)
            }
            return parts
        }
    }

    /// The width of `text` in ems, a little more than DejaVu Sans needs.
    static func ems(_ text: String) -> Double {
        text.reduce(0) { sum, character in
            switch character {
            case "i", "j", "l", "I", ".", ",", ":", ";", "'", "!", "|", " ", "(", ")", "[", "]": sum + 0.38
            case "f", "t", "r", "-", "/", "\"": sum + 0.44
            case "m", "w", "M", "W", "@", "%", "—", "…": sum + 1.0
            case "A"..."Z": sum + 0.74
            case "\u{1100}"...: sum + 1.05
            default: sum + 0.64
            }
        }
    }
}
