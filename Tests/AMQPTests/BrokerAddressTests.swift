import Testing

@testable import AMQP

@Suite struct BrokerAddressTests {
    @Test func `a full URL is taken apart and decoded`() throws {
        let address = try BrokerAddress(url: "amqp://us%65r:p%40ss%3A%2F@broker.local:1234/a%2Fb")
        #expect(address.user == "user")
        #expect(address.password == "p@ss:/")
        #expect(address.host == "broker.local")
        #expect(address.port == 1234)
        #expect(address.vhost == "a/b")
        #expect(!address.usesTLS)
    }

    @Test func `port and vhost have defaults`() throws {
        let plain = try BrokerAddress(url: "amqp://u:p@h")
        #expect(plain.port == 5672)
        #expect(plain.vhost == "/")
        #expect(try BrokerAddress(url: "amqps://u:p@h/").port == 5671)
        #expect(try BrokerAddress(url: "amqp://u:p@h/%2F").vhost == "/")
    }

    @Test func `an IPv6 address stands in brackets`() throws {
        let address = try BrokerAddress(url: "amqp://u:p@[::1]:5673/v")
        #expect(address.host == "::1")
        #expect(address.port == 5673)
    }

    @Test(arguments: [
        ("http://u:p@h", "amqp://"),
        ("amqp://h:5672/", "user:password@"),
        ("amqp://user@h", "user:password"),
        ("amqp://:secret@h", "user:password"),
        ("amqp://u:secret@", "host"),
        ("amqp://u:secret@h:0", "port"),
        ("amqp://u:secret@h:abc", "port"),
        ("amqp://u:secret@h/a/b", "%2F"),
        ("amqp://u:secret@h?x=1", "query"),
        ("amqp://u:secret%G0@h", "password"),
        ("amqp://u:secret%FF@h", "UTF-8"),
        ("amqp://u:secret@[::1", "IPv6"),
    ])
    func `a bad URL is refused with its reason and without its password`(url: String, reason: String) throws {
        let error = try #require(throws: AMQPError.self) { try BrokerAddress(url: url) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.detail.contains(reason))
        #expect(!error.detail.contains("secret"))
    }

    @Test func `a configuration never prints its password`() throws {
        let configuration = try AMQPConfiguration(url: "amqp://user:hunter2@h/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = ["\(configuration)", String(reflecting: configuration), "\([configuration])", dumped]
        for text in texts {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `TLS needs CA certificates and heartbeats stay within bounds`() throws {
        #expect(throws: AMQPError.self) { try AMQPConfiguration(url: "amqps://u:p@h") }
        #expect(throws: AMQPError.self) { try AMQPConfiguration(url: "amqp://u:p@h", heartbeat: .zero) }
        #expect(try AMQPConfiguration(url: "amqps://u:p@h", caCertificatePath: "/ca.pem").address.usesTLS)
    }
}
