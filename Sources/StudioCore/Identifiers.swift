package import FoundationEssentials

/// What an identifier names; its prefix is how the wire tells them apart.
package protocol IdentifierKind: Sendable {
    /// The prefix on the wire, without the underscore.
    static var prefix: String { get }
}

/// A time-sortable identifier (UUIDv7) of one kind of thing, written `prefix_` and 26 digits of Crockford's base 32.
package struct Identifier<Kind: IdentifierKind>: Hashable, Sendable, Comparable {
    package let uuid: UUID

    /// Makes a fresh identifier from the wall clock and the system's randomness.
    package init() {
        uuid = .version7()
    }

    package init(_ uuid: UUID) {
        self.uuid = uuid
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.uuid < right.uuid
    }
}

extension Identifier: LosslessStringConvertible, Codable {
    /// Reads the wire form; `nil` when the prefix, the length or a digit is wrong.
    package init?(_ text: String) {
        let head = Kind.prefix + "_"
        guard text.hasPrefix(head), let uuid = Base32.uuid(text.dropFirst(head.count)) else { return nil }
        self.uuid = uuid
    }

    package var description: String { "\(Kind.prefix)_\(Base32.text(uuid))" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a \(Kind.prefix)_ identifier")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

package enum TenantKind: IdentifierKind { package static let prefix = "ten" }
package enum RunKind: IdentifierKind { package static let prefix = "run" }
package enum ShotKind: IdentifierKind { package static let prefix = "shot" }
package enum RenderTaskKind: IdentifierKind { package static let prefix = "task" }
package enum ArtifactKind: IdentifierKind { package static let prefix = "art" }
package enum WorkerKind: IdentifierKind { package static let prefix = "wkr" }
package enum EntityIdentifierKind: IdentifierKind { package static let prefix = "ent" }

package typealias TenantID = Identifier<TenantKind>
package typealias RunID = Identifier<RunKind>
package typealias ShotID = Identifier<ShotKind>
package typealias TaskID = Identifier<RenderTaskKind>
package typealias ArtifactID = Identifier<ArtifactKind>
package typealias WorkerID = Identifier<WorkerKind>
package typealias EntityID = Identifier<EntityIdentifierKind>

extension TenantID {
    /// The tenant that owns everything until authentication brings more.
    package static let standard = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1)))
}
