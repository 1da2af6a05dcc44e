/// One thing that is wrong with a document, where it is, and what cures it.
package struct SpecFault: Sendable, Hashable, Codable {
    /// What sort of fault; stable, for programs.
    package enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// Not a JSON text.
        case syntax
        case tooLarge = "too_large"
        case tooDeep = "too_deep"
        case duplicateKey = "duplicate_key"
        case unknownField = "unknown_field"
        case required
        case wrongType = "wrong_type"
        /// A text that is not written as its field asks.
        case wrongFormat = "wrong_format"
        /// A text that is none of the words its field knows.
        case unknownValue = "unknown_value"
        case outOfRange = "out_of_range"
        case empty
        case tooLong = "too_long"
        case tooMany = "too_many"
        case controlCharacter = "control_character"
        case unknownReference = "unknown_reference"
        /// The same name, label or entity twice.
        case duplicate
        /// Two fields that exclude each other.
        case conflict
        /// A duration that ends between two frames.
        case notAFrame = "not_a_frame"
        /// A sound that would not begin in its shot.
        case outsideShot = "outside_shot"
        /// Music that would not lie in the film.
        case outsideFilm = "outside_film"
        /// A transition that leaves a shot no frame of its own.
        case transitionTooLong = "transition_too_long"
        /// A dissolve into the first shot.
        case nothingBefore = "nothing_before"
        case lipsyncWithoutDialogue = "lipsync_without_dialogue"
        /// Planned, but this version would ignore it.
        case notSupported = "not_supported"
    }

    /// Where, as RFC 6901 says; a missing field is named by where it should be.
    package let pointer: String
    package let code: Code
    /// What is wrong and what to write instead, for people.
    package let detail: String

    package init(_ pointer: JSONPointer, _ code: Code, _ detail: String) {
        self.pointer = pointer.text
        self.code = code
        self.detail = detail
    }

    /// Repeats a document's own text in a message: in quotes, short, and on one line.
    static func quote(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(40).map { isControl($0) ? "\u{FFFD}" : String($0) }.joined()
        return "\"\(shown)\(text.unicodeScalars.count > 40 ? "…" : "")\""
    }

    /// Whether a character controls a terminal rather than being seen.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
            || scalar.properties.generalCategory == .lineSeparator
            || scalar.properties.generalCategory == .paragraphSeparator
    }
}

/// Everything that is wrong with a document, at once.
package struct SpecFaults: Error, Sendable, Hashable, CustomStringConvertible {
    /// In the order of reading; never empty, at most ``SpecLimits/faultsMax``.
    package let faults: [SpecFault]
    /// How many more there are.
    package let omitted: Int

    package init(_ fault: SpecFault) {
        self.init(faults: [fault])
    }

    package init(faults: [SpecFault], omitted: Int = 0) {
        self.faults = faults
        self.omitted = omitted
    }

    /// One line a fault.
    package var description: String {
        var lines = faults.map { "\($0.pointer.isEmpty ? "document" : $0.pointer): \($0.detail) [\($0.code.rawValue)]" }
        if omitted > 0 { lines.append("and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}
