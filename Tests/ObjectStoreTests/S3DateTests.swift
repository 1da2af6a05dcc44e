import Foundation
import Testing

@testable import ObjectStore

@Suite struct S3DateTests {
    @Test func `both spellings of dates are read`() {
        let expected = Date(timeIntervalSince1970: 1_369_353_601)
        #expect(S3Date.parse(iso8601: "2013-05-24T00:00:01.250Z") == expected)
        #expect(S3Date.parse(iso8601: "2013-05-24T00:00:01Z") == expected)
        #expect(S3Date.parse(httpHeader: "Fri, 24 May 2013 00:00:01 GMT") == expected)
    }

    @Test func `what is no date is none`() {
        for text in ["", "yesterday", "Fri, 24 Mai 2013 00:00:01 GMT", "Fri, 4 May 2013 00:00:01 GMT", "a b c d e f"] {
            #expect(S3Date.parse(iso8601: text) == nil)
            #expect(S3Date.parse(httpHeader: text) == nil)
        }
        #expect(S3Date.parse(httpHeader: nil) == nil)
    }
}
