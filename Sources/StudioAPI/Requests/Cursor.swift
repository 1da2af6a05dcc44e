import FoundationEssentials

/// Where a page ended, for clients an opaque text: base64url of the position.
struct Cursor<Position: LosslessStringConvertible> {
    let position: Position

    init(_ position: Position) {
        self.position = position
    }

    init?(_ text: String) {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        guard let data = Data(base64Encoded: base64), let inner = String(validating: data, as: UTF8.self),
            let position = Position(inner)
        else { return nil }
        self.position = position
    }

    var text: String {
        Data(position.description.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
