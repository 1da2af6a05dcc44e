import CRabbitMQ

/// A value in an AMQP table that this library sends.
enum FieldValue: Sendable, Equatable {
    case flag(Bool)
    case integer(Int64)
    case text(String)
    case table([FieldEntry])
}

/// A named value in an AMQP table that this library sends.
struct FieldEntry: Sendable, Equatable {
    let name: String
    let value: FieldValue

    init(_ name: String, _ value: FieldValue) {
        self.name = name
        self.value = value
    }
}
