import Lab
// SPDX-License-Identifier: Apache-2.0
import Testing

struct LinkChangesTests {
    @Test func `every setting is read in its units`() throws {
        let text = "rate=2.5mbit,delay=15ms,jitter=250us,loss=0.5%,queue=64kB,outage=on,reordering=on"
        let settings = try LinkChanges(commaSeparated: text).applied(to: LinkSettings())
        #expect(settings.rate == 2_500_000)
        #expect(settings.delay == .milliseconds(15))
        #expect(settings.jitter == .microseconds(250))
        #expect(settings.loss == 0.005)
        #expect(settings.queue == .octets(64_000))
        #expect(settings.outage)
        #expect(settings.reordering)
        let written = "rate=2500kbit delay=15ms jitter=0.25ms loss=0.5% queue=64000B reordering=on outage=on"
        #expect(settings.text == written)
    }

    @Test func `what is not named stays`() throws {
        var settings = LinkSettings()
        settings.rate = 1_000_000
        settings.outage = true
        let changed = try LinkChanges(["outage=off", "queue=50ms"]).applied(to: settings)
        #expect(changed.rate == 1_000_000)
        #expect(!changed.outage)
        #expect(changed.queue == .duration(.milliseconds(50)))
        #expect(try LinkChanges(["rate=unlimited"]).applied(to: settings).rate == nil)
    }

    @Test(arguments: [
        ("rate=fast", "rate", "fast"), ("rate=0mbit", "rate", "0mbit"), ("rate=-1mbit", "rate", "-1mbit"),
        ("rate=nanmbit", "rate", "nanmbit"), ("rate=1e300gbit", "rate", "1e300gbit"), ("delay=15", "delay", "15"),
        ("delay=2000s", "delay", "2000s"), ("jitter=", "jitter", ""), ("loss=101%", "loss", "101%"),
        ("loss=0.1", "loss", "0.1"), ("queue=many", "queue", "many"), ("outage=yes", "outage", "yes"),
        ("speed=1mbit", "speed", "1mbit"), ("rate", "rate", ""), ("", "", ""),
    ])
    func `a wrong word is refused by key, value and what was expected`(word: String, key: String, value: String) {
        let error = #expect(throws: SettingError.self) { try LinkChanges([word]) }
        #expect(error?.key == key)
        #expect(error?.value == value)
        #expect(error.map { $0.description.contains($0.expected) && !$0.expected.isEmpty } == true)
    }

    @Test func `requests are read as they are written`() throws {
        let changes = try LinkChanges(["rate=1mbit", "loss=1%"])
        for request: EmulatorRequest in [
            .status, .stop, .change(link: "wan1", [.up], changes), .change(link: "wan2", [.up, .down], changes),
        ] {
            #expect(try EmulatorRequest(request.text) == request)
        }
        for text in ["", "reboot", "status now", "set wan1", "set wan1 sideways rate=1mbit", "set wan1 up rate=x"] {
            #expect(throws: SettingError.self) { try EmulatorRequest(text) }
        }
    }

    @Test func `a status line says all that there is to say`() throws {
        var counters = LinkCounters()
        counters.frames = 3
        counters.octets = 4500
        counters.droppedByLoss = 2
        let status = LinkStatus(
            name: "wan1",
            direction: .down,
            settings: LinkSettings(),
            counters: counters,
            failures: 1
        )
        #expect(LinkStatus(line: status.line) == status)
        #expect(LinkStatus(line: "wan1 down 1 2 3") == nil)
        #expect(LinkStatus(line: "wan1 down 1 2 3 4 five 6 rate=1mbit") == nil)
    }

    @Test func `links are named on the command line`() {
        let link = EmulatedLink(name: "wan1", near: "wan1-mag", far: "wan1-net")
        #expect(EmulatedLink(link.argument) == link)
        #expect(EmulatedLink("wan1=a") == nil)
        #expect(EmulatedLink("wan1") == nil)
    }
}
