"""Addresses that are not Cal.com's, in every disguise; ``port`` is that of a listener that must hear nothing."""


def hostile_urls(port: int) -> list[str]:
    """All of them, each once."""
    here = f"127.0.0.1:{port}"
    notations = [
        "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0" + ".0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1",
        "0177.0.0.1", "017700000001",
        "127.000.000.001", "127.0.0.1.", "127.127.127.127", "localhost", "LOCALHOST", "localhost.",
        "localhost.localdomain", "ip6-localhost",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]", "[::1%25lo]",
        "[::1%lo]", "[0000::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "127\u30020\u30020\u30021", "127\uff0e0\uff0e0\uff0e1", "127.0.0.1%00",
        "localtest.me", "127.0.0.1.nip.io", "spoofed.burpcollaborator.example",
    ]  # fmt: skip
    private = [
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254",
        "169.254.169.254.", "[fd00:ec2::254]",
        "[fe80::1]", "[fc00::1]", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
        "metadata.google.internal", "metadata",
        "instance-data", "kubernetes.default.svc", "host.docker.internal", "2852039166", "0xa9fea9fe",
        "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]",
    ]  # fmt: skip
    alike = [
        "api.cal.com.evil.example", "evil.example", "api-cal.com", "apicai.com", "cal.com", "www.cal.com",
        "app.cal.com", "api.cal.co", "api.cal.comm",
        "api.cal.com.", "api.cal.com..", ".api.cal.com", "api..cal.com", "xapi.cal.com", "api.cal.com-evil.example",
        "api.cal.com_evil", "api.cal.eu.com",
        "api.c\u0430l.com", "\u0430pi.cal.com", "api.cal.c\u043em",
        "\uff41\uff50\uff49.\uff43\uff41\uff4c.\uff43\uff4f\uff4d", "api.cal\u3002com", "api.ca\u200bl.com",
        "api.cal.com\u200b", "api.cal.com\u00ad",
        "xn--api-cal-com.example", "xn--pi-7kc.cal.com", "xn--cl-7kc.com", "api.xn--cal-.com", "API.CAL.COM",
        "Api.Cal.Com", "api.cal.COM", "aPi.cal.com",
        "api%2ecal%2ecom", "api.cal.com%2eevil.example", "%61pi.cal.com", "api.cal.com%00.evil.example",
        "api.cal.com%0d%0a", "api.cal.com%20",
        "api_cal_com", "api.cal.com,evil.example", "api.cal.com;evil.example", "api.cal.com evil.example",
        "*.cal.com", "*", "{api.cal.com}",
    ]  # fmt: skip
    parsers = [
        f"https://api.cal.com@{here}", f"https://api.cal.com:443@{here}", f"https://api.cal.com%40{here}",
        f"https://{here}#@api.cal.com",
        f"https://{here}?@api.cal.com", f"https://{here}\\@api.cal.com", f"https://api.cal.com\\@{here}",
        f"https://{here}/api.cal.com",
        f"https://user:pass@{here}", "https://user@api.cal.com", "https://user:pass@api.cal.com",
        "https://:@api.cal.com", "https://@api.cal.com",
        f"https://api.cal.com\r\nHost: {here}", f"https://api.cal.com\n@{here}", "https://api.cal.com\t",
        "https://api.cal.com\n", "https://api.cal.com\r\n",
        "https://api.cal.com\0", f"https://api.cal.com\0@{here}", " https://api.cal.com", "https://api.cal.com ",
        "\thttps://api.cal.com", "\nhttps://api.cal.com",
        "ht\ntps://api.cal.com", "https:/\n/api.cal.com", "https://api.\tcal.com", "https:\\\\api.cal.com",
        "https:/\\api.cal.com", "\\\\api.cal.com",
        "//api.cal.com", "///api.cal.com", "https:api.cal.com", "https:/api.cal.com", "https:///api.cal.com",
        "api.cal.com", "api.cal.com:443", f"//{here}",
        "https://api.cal.com/v2", "https://api.cal.com/../", "https://api.cal.com//", "https://api.cal.com/%2e%2e",
        "https://api.cal.com/;x", "https://api.cal.com/.",
        "https://api.cal.com?x=1", "https://api.cal.com?", "https://api.cal.com#", "https://api.cal.com#x",
        "https://api.cal.com/?", "https://api.cal.com/#",
        "https://", "https://.", "https://-", "http://", "https", "https:", ":", "/", "//", "?", "#", "https://[",
        "https://]", "https://[]", "https://[::1", "https://::1",
        "file:///etc/passwd", "ftp://api.cal.com", "gopher://api.cal.com", "data:text/plain,x", "javascript:alert(1)",
        "unix:///tmp/x", "jar:https://api.cal.com",
        "HTTPS://api.cal.com", "Https://api.cal.com", "httpss://api.cal.com", "wss://api.cal.com",
        "dict://127.0.0.1:11211/", "https+http://api.cal.com",
        "http://api.cal.com", "http://api.cal.com:443", "http://api.cal.eu", "https://sandbox.test",
        "https://sandbox.test:5555", "http://sandbox.test", "https://a" + "a" * 300,
        "http://sandbox.test:5556", "http://sandbox.test:55555", "http://sandbox.test.:5555",
        "http://SANDBOX.test:5555", f"http://sandbox.test:5555@{here}", "null://x",
        "http://sandbox.test:5555/v2", "http://sandbox.test:5555?x", "http://sandbox.test:5555#x",
        "http://x@sandbox.test:5555", "http://sandbox.test:5555\\",
    ]  # fmt: skip
    ports = [
        "",
        "0",
        "00",
        "80",
        "22",
        "8443",
        "444",
        "-443",
        "+443",
        "4 43",
        "443 ",
        "0443x",
        "0x1bb",
        "65536",
        "65979",
        "99999",
        "443:443",
        "443.",
        "\uff14\uff14\uff13",
    ]
    urls = [f"http://{host}:{port}" for host in notations]
    urls += [f"https://{host}" for host in [*notations, *private, *alike]]
    urls += [f"http://{host}/latest/meta-data/" for host in private[5:8]]
    urls += parsers
    urls += [f"https://api.cal.com:{each}" for each in ports]
    return list(dict.fromkeys(urls))
