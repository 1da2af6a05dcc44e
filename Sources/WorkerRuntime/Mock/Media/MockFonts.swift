import FoundationEssentials

/// Fonts by file, because what fontconfig finds differs between machines.
enum MockFonts {
    private static let plainNames = [
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu/DejaVuSans.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf", "/System/Library/Fonts/Supplemental/Arial.ttf",
    ]
    private static let boldNames = [
        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "/usr/share/fonts/dejavu/DejaVuSans-Bold.ttf",
        "/System/Library/Fonts/Supplemental/Arial Bold.ttf",
    ]
    private static let fixedNames = [
        "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", "/usr/share/fonts/dejavu/DejaVuSansMono.ttf",
        "/System/Library/Fonts/Supplemental/Courier New.ttf",
    ]

    static let plain = option(plainNames)
    static let bold = option(boldNames)
    static let fixed = option(fixedNames)

    /// The option of `drawtext` that names the first font there is; without any, fontconfig has to know one.
    private static func option(_ candidates: [String]) -> String {
        candidates.first { FileManager.default.isReadableFile(atPath: $0) }.map { "fontfile='\($0)':" } ?? ""
    }
}
