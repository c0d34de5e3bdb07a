//! Who may ask for what.

use tiny_http::Method;

/// Names of this computer for itself.
const HERE: [&str; 2] = ["127.0.0.1", "localhost"];

/// Status and text for a request that is not answered.
///
/// A page of somebody else can have its own name resolved to 127.0.0.1 (DNS rebinding); the browser
/// then takes this server for that page's own. What gives it away is the name in `Host`. The port
/// is free: it may have been forwarded.
pub fn refusal(method: &Method, host: &[&str]) -> Option<(u16, &'static str)> {
    let [host] = host else {
        return Some((400, "A request names one host."));
    };
    if !is_here(host) {
        return Some((403, "This page is for 127.0.0.1 and localhost only."));
    }
    match method {
        Method::Get | Method::Head => None,
        _ => Some((405, "Nothing can be changed here.")),
    }
}

fn is_here(host: &str) -> bool {
    let name = match host.split_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) => return false,
        None => host,
    };
    HERE.iter().any(|here| name.eq_ignore_ascii_case(here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_may_read() {
        for host in ["127.0.0.1", "127.0.0.1:7383", "localhost:9000", "LocalHost"] {
            assert_eq!(refusal(&Method::Get, &[host]), None, "{host}");
            assert_eq!(refusal(&Method::Head, &[host]), None, "{host}");
        }
    }

    #[test]
    fn others_may_not() {
        let foreign = [
            "",
            "evil.example",
            "evil.example:7383",
            "127.0.0.1.evil.example",
            "localhost.evil.example:7383",
            "evil.example:localhost",
            "127.0.0.1:7383:x",
            "127.0.0.1:",
            "10.0.0.1:7383",
            "127.0.0.1@evil.example",
        ];
        for host in foreign {
            assert_eq!(refusal(&Method::Get, &[host]).map(|(n, _)| n), Some(403), "{host}");
        }
        let status = |host: &[&str]| refusal(&Method::Get, host).map(|(n, _)| n);
        assert_eq!(status(&[]), Some(400));
        assert_eq!(status(&["localhost", "localhost"]), Some(400));
    }

    #[test]
    fn nobody_may_write() {
        for method in [Method::Post, Method::Put, Method::Delete, Method::Options, Method::Patch] {
            let status = refusal(&method, &["localhost"]).map(|(n, _)| n);
            assert_eq!(status, Some(405), "{method}");
        }
    }
}
