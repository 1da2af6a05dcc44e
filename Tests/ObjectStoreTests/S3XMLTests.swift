import NIOCore
import Testing

@testable import ObjectStore

@Suite struct S3XMLTests {
    private func parse(_ text: String) throws -> S3XML.Element { try S3XML.parse(ByteBuffer(string: text)) }

    @Test func `elements, text and attributes are read`() throws {
        let root = try parse(
            "\n  <?xml version=\"1.0\"?>\n<List xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Empty/>"
                + "<Item><Key>a</Key></Item><Item><Key> b </Key></Item><s3:Size>3</s3:Size></List>")
        #expect(try root.named("List").all("Item").map { $0.text(of: "Key") } == ["a", " b "])
        #expect(root.text(of: "Empty") == "")
        #expect(root.text(of: "Size") == "3")
        #expect(root.text(of: "Missing") == nil)
    }

    @Test func `entities are unescaped`() throws {
        #expect(try parse("<a>&lt;&amp;amp;&gt;&quot;&apos;&#252;&#x1F3AC;</a>").text == "<&amp;>\"'ü🎬")
    }

    @Test func `what is escaped comes back`() throws {
        let text = "a&b<c>\"d\" \n ü"
        #expect(try parse("<a>\(S3XML.escaped(text))</a>").text == text)
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "</a>", "<a>&nope;</a>", "<a>&#xD800;</a>", "<a>& b</a>", "<", "<>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><![CDATA[b]]></a>", "<a><?b?></a>",
        String(repeating: "<a>", count: 1_000),
    ])
    func `anything else is malformed`(text: String) {
        #expect {
            try parse(text)
        } throws: {
            ($0 as? ObjectStoreError)?.code == .malformedResponse
        }
    }

    @Test func `another document than the expected one is malformed`() throws {
        #expect(throws: ObjectStoreError.self) { try parse("<html></html>").named("Error") }
    }
}
