/// The parameters of one statement in their wire form.
struct ParameterBuffer {
    /// The most parameters the protocol can number.
    static let parametersMax = 65_535

    private(set) var types: [UInt32] = []
    private var bytes: [UInt8] = []
    private var formats: [Int32] = []
    private var lengths: [Int32] = []
    /// Where each value starts; nil for NULL.
    private var starts: [Int?] = []

    init(_ values: [any PostgresEncodable]) throws(PostgresError) {
        guard values.count <= Self.parametersMax else {
            throw PostgresError(.encodingFailed, "a statement has more than \(Self.parametersMax) parameters")
        }
        for (index, value) in values.enumerated() {
            do {
                try append(value)
            } catch {
                throw PostgresError(error.code, "parameter $\(index + 1): \(error.detail)", cause: error.cause)
            }
        }
    }

    private mutating func append<T: PostgresEncodable>(_ value: T) throws(PostgresError) {
        types.append(T.parameterType.rawValue)
        formats.append(T.isText ? 0 : 1)
        guard !value.isNull else {
            starts.append(nil)
            lengths.append(0)
            return
        }
        let start = bytes.count
        try value.encode(into: &bytes)
        guard let length = Int32(exactly: bytes.count - start) else {
            throw PostgresError(.encodingFailed, "the value is too long")
        }
        starts.append(start)
        lengths.append(length)
        // libpq finds the end of a text parameter by its NUL.
        if T.isText { bytes.append(0) }
    }

    /// Lends the arrays that libpq's sending functions take.
    func withArrays<R>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> R
    ) -> R {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress
            // Any address will do for a value without bytes, but nil would be NULL.
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1) { empty in
                empty.initialize(repeating: 0)
                let values = starts.map { start -> UnsafePointer<CChar>? in
                    guard let start else { return nil }
                    guard let base else { return UnsafePointer(empty.baseAddress) }
                    return base.advanced(by: start).assumingMemoryBound(to: CChar.self)
                }
                return body(values, lengths, formats)
            }
        }
    }
}
