import CRabbitMQ

/// Memory for the arguments of C calls, given back all at once.
final class Arena {
    private static let pageBytes = 4096

    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        pool.initialize(to: amqp_pool_t())
        init_amqp_pool(pool, Self.pageBytes)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    /// Invalidates everything made so far.
    func recycle() { recycle_amqp_pool(pool) }

    func bytes(_ text: String) -> amqp_bytes_t {
        guard !text.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
        var text = text
        return text.withUTF8 { source in
            let copy = UnsafeMutableRawBufferPointer(start: allocate(source.count), count: source.count)
            copy.copyBytes(from: source)
            return amqp_bytes_t(len: copy.count, bytes: copy.baseAddress)
        }
    }

    func table(_ entries: [FieldEntry]) -> amqp_table_t {
        guard !entries.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        let memory = allocate(entries.count * MemoryLayout<amqp_table_entry_t>.stride)
            .bindMemory(to: amqp_table_entry_t.self, capacity: entries.count)
        for (index, entry) in entries.enumerated() {
            let value = field(entry.value)
            (memory + index).initialize(to: amqp_table_entry_t(key: bytes(entry.name), value: value))
        }
        return amqp_table_t(num_entries: Int32(entries.count), entries: memory)
    }

    private func field(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .flag(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .integer(let integer):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = integer
        case .text(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = bytes(text)
        case .table(let entries):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(entries)
        }
        return field
    }

    private func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        guard let memory = amqp_pool_alloc(pool, count) else { preconditionFailure("out of memory") }
        return memory
    }
}
