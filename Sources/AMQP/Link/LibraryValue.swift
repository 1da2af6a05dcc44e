import CRabbitMQ

// Copies out of the library's memory, which it reuses as soon as its buffers are released.

extension amqp_bytes_t {
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: len) }

    /// The text, malformed UTF-8 repaired.
    var text: String { String(decoding: buffer, as: UTF8.self) }
}

extension amqp_field_value_t {
    /// Numbers, booleans and text; `nil` for everything else.
    var text: String? {
        switch UInt32(kind) {
        case AMQP_FIELD_KIND_UTF8.rawValue, AMQP_FIELD_KIND_BYTES.rawValue: value.bytes.text
        case AMQP_FIELD_KIND_BOOLEAN.rawValue: value.boolean == 0 ? "false" : "true"
        case AMQP_FIELD_KIND_U64.rawValue, AMQP_FIELD_KIND_TIMESTAMP.rawValue: String(value.u64)
        case AMQP_FIELD_KIND_F32.rawValue: String(value.f32)
        case AMQP_FIELD_KIND_F64.rawValue: String(value.f64)
        default: integer.map { String($0) }
        }
    }

    /// Whole numbers of up to 64 bits with a sign.
    var integer: Int64? {
        switch UInt32(kind) {
        case AMQP_FIELD_KIND_I8.rawValue: Int64(value.i8)
        case AMQP_FIELD_KIND_U8.rawValue: Int64(value.u8)
        case AMQP_FIELD_KIND_I16.rawValue: Int64(value.i16)
        case AMQP_FIELD_KIND_U16.rawValue: Int64(value.u16)
        case AMQP_FIELD_KIND_I32.rawValue: Int64(value.i32)
        case AMQP_FIELD_KIND_U32.rawValue: Int64(value.u32)
        case AMQP_FIELD_KIND_I64.rawValue: value.i64
        default: nil
        }
    }
}

extension ContentProperties {
    private static let headersMax = 64

    init(_ properties: borrowing amqp_basic_properties_t) {
        let flags = properties._flags
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String {
            flags & amqp_flags_t(flag) == 0 ? "" : bytes.text
        }
        messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id)
        contentType = text(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type)
        type = text(AMQP_BASIC_TYPE_FLAG, properties.type)
        correlationID = text(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id)
        guard flags & amqp_flags_t(AMQP_BASIC_HEADERS_FLAG) != 0 else { return }
        let table = properties.headers
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)).prefix(Self.headersMax) {
            let name = entry.key.text
            if name == "x-delivery-count" {
                deliveryCount = Int(clamping: entry.value.integer ?? 0)
            } else if let value = entry.value.text {
                headers[name] = value
            }
        }
    }
}
