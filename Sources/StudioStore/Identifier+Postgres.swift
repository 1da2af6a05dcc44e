import Postgres
import StudioCore

extension Row {
    func id<Kind: IdentifierKind>(_ column: String, as: Identifier<Kind>.Type = Identifier<Kind>.self) throws
        -> Identifier<Kind>
    {
        Identifier(try decode(column))
    }

    /// Reads an enumeration that is stored by its raw value.
    func value<Value: RawRepresentable<String>>(_ column: String, as: Value.Type = Value.self) throws -> Value {
        let raw = try decode(column, as: String.self)
        guard let value = Value(rawValue: raw) else {
            throw StoreError.unknownValue(column: column, value: raw)
        }
        return value
    }
}
