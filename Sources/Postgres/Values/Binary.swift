#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension Data: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .bytea }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(contentsOf: self) }

    package init(_ cell: Cell) throws(PostgresError) { self.init(try UInt8.array(cell)) }
}

extension UUID: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .uuid }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
    }

    package init(_ cell: Cell) throws(PostgresError) {
        guard cell.type == .uuid else { throw cell.mismatch(UUID.self) }
        var reader = cell.reader
        let bytes = try reader.bytes(MemoryLayout<uuid_t>.size)
        self.init(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
    }
}
