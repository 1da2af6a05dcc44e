/// The number of a type in the server's catalogue.
package struct PostgresType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Lets the server infer the type from where the parameter stands.
    package static let inferred = PostgresType(rawValue: 0)
    package static let bool = PostgresType(rawValue: 16)
    package static let bytea = PostgresType(rawValue: 17)
    package static let char = PostgresType(rawValue: 18)
    package static let name = PostgresType(rawValue: 19)
    package static let int8 = PostgresType(rawValue: 20)
    package static let int2 = PostgresType(rawValue: 21)
    package static let int4 = PostgresType(rawValue: 23)
    package static let text = PostgresType(rawValue: 25)
    package static let oid = PostgresType(rawValue: 26)
    package static let json = PostgresType(rawValue: 114)
    package static let xml = PostgresType(rawValue: 142)
    package static let float4 = PostgresType(rawValue: 700)
    package static let float8 = PostgresType(rawValue: 701)
    package static let unknown = PostgresType(rawValue: 705)
    package static let bpchar = PostgresType(rawValue: 1042)
    package static let varchar = PostgresType(rawValue: 1043)
    package static let date = PostgresType(rawValue: 1082)
    package static let timestamp = PostgresType(rawValue: 1114)
    package static let timestamptz = PostgresType(rawValue: 1184)
    package static let interval = PostgresType(rawValue: 1186)
    package static let numeric = PostgresType(rawValue: 1700)
    package static let void = PostgresType(rawValue: 2278)
    package static let uuid = PostgresType(rawValue: 2950)
    package static let jsonb = PostgresType(rawValue: 3802)

    /// The first number that types made by users and extensions get.
    static let firstUserDefined: UInt32 = 16384

    var isUserDefined: Bool { rawValue >= Self.firstUserDefined }

    /// The type of arrays of this one; nil for types that are not sent as array elements.
    var array: PostgresType? { Self.arrays[self].map(PostgresType.init(rawValue:)) }

    package var description: String {
        let name = isUserDefined ? "a user-defined type" : Self.names[self] ?? Self.arrayNames[rawValue] ?? "a type"
        return "\(name) (oid \(rawValue))"
    }

    private static let arrays: [PostgresType: UInt32] = [
        .bool: 1000, .bytea: 1001, .int2: 1005, .int4: 1007, .text: 1009, .int8: 1016, .float4: 1021, .float8: 1022,
        .timestamptz: 1185, .interval: 1187, .uuid: 2951, .jsonb: 3807,
    ]

    private static let names: [PostgresType: String] = [
        .bool: "bool", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "int8", .int2: "int2", .int4: "int4",
        .text: "text", .oid: "oid", .json: "json", .xml: "xml", .float4: "float4", .float8: "float8",
        .unknown: "unknown", .bpchar: "char", .varchar: "varchar", .date: "date", .timestamp: "timestamp",
        .timestamptz: "timestamptz", .interval: "interval", .numeric: "numeric", .void: "void", .uuid: "uuid",
        .jsonb: "jsonb",
    ]

    private static let arrayNames: [UInt32: String] = Dictionary(
        uniqueKeysWithValues: arrays.map { ($0.value, "\(names[$0.key] ?? "?")[]") })
}
