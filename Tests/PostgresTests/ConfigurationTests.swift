import Postgres
import Testing

@Suite struct ConfigurationTests {
    private let url = "postgresql://someone:hunter2@127.0.0.1:1/none"

    @Test func `a plain URL with the defaults is valid`() throws {
        try PostgresClient.Configuration(url: url).validate()
        try PostgresClient.Configuration(url: "host=/tmp dbname=x").validate()
    }

    @Test func `no description shows the password`() {
        let configuration = PostgresClient.Configuration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `a URL that libpq does not understand is refused without being quoted`() {
        let configuration = PostgresClient.Configuration(url: "postgresql://a:hunter2@[::1/x")
        let error = #expect(throws: PostgresError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(!"\(String(describing: error))".contains("hunter2"))
    }

    @Test(arguments: [0, 65, -1])
    func `the number of connections has bounds`(connections: Int) {
        let configuration = PostgresClient.Configuration(url: url, connections: connections)
        #expect(throws: PostgresError.self) { try configuration.validate() }
    }

    @Test(arguments: ["a b", "x,y", "A", "", "p\"q", "s -c"])
    func `a schema name that would need quotes is refused`(schema: String) {
        let configuration = PostgresClient.Configuration(url: url, schema: schema)
        #expect(throws: PostgresError.self) { try configuration.validate() }
    }

    @Test func `a limit of nothing or of days is refused`() {
        #expect(throws: PostgresError.self) {
            try PostgresClient.Configuration(url: url, statementTimeout: .zero).validate()
        }
        #expect(throws: PostgresError.self) {
            try PostgresClient.Configuration(url: url, checkoutTimeout: .seconds(100_000)).validate()
        }
    }
}
