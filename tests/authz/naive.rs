//! A second decision procedure: straight from the rules as they are told, on JSON, slow and plain. It shares no code with the engine.

use serde_json::Value;
use std::net::IpAddr;

/// The decision and the statements that apply, each as `policy#index`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) decision: &'static str,
    pub(crate) statements: Vec<String>,
}

/// What a text under `${…}` or a comparison of nowhere-told things gives: no answer at all.
struct Untold;

type Told<T> = Result<T, Untold>;

/// Decides a vector; none where it rests on something that is nowhere told.
pub(crate) fn decide(vector: &Value) -> Option<Answer> {
    Naive { vector }.decide().ok()
}

struct Naive<'v> {
    vector: &'v Value,
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Wildcards the slow way: by recursion on characters. `\u{1}` and `\u{2}` are a star and a question mark that are meant literally.
fn like(pattern: &[char], value: &[char]) -> bool {
    match (pattern.first(), value.first()) {
        (None, None) => true,
        (Some('*'), _) => like(&pattern[1..], value) || (!value.is_empty() && like(pattern, &value[1..])),
        (Some('?'), Some(_)) => like(&pattern[1..], &value[1..]),
        (Some('\u{1}'), Some('*')) | (Some('\u{2}'), Some('?')) => like(&pattern[1..], &value[1..]),
        (Some(a), Some(b)) if a == b => like(&pattern[1..], &value[1..]),
        _ => false,
    }
}

pub(crate) fn matches(pattern: &str, value: &str) -> bool {
    like(&pattern.chars().collect::<Vec<_>>(), &value.chars().collect::<Vec<_>>())
}

fn unescape(text: &str) -> String {
    text.replace('\u{1}', "*").replace('\u{2}', "?")
}

fn arn_matches(pattern: &str, arn: &str) -> bool {
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if pattern == "*" {
        return true;
    }
    if parts.len() < 6 {
        return false;
    }
    if patterns.len() < 6 && patterns.last() != Some(&"*") {
        return false;
    }
    let count = if patterns.len() < 6 { patterns.len() - 1 } else { 6 };
    (0..count).all(|at| matches(patterns[at], parts[at]))
}

fn seconds(text: &str) -> Told<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return Ok(number);
    }
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<i64>().ok()).ok_or(Untold);
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut days = day - 1;
    for year in 1970..year {
        days += if leap(year) { 366 } else { 365 };
    }
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += lengths[..usize::try_from(month - 1).map_err(|_| Untold)?].iter().sum::<i64>();
    let clock = if text.len() > 10 { number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)? } else { 0 };
    let offset = match text.get(19..20) {
        Some("+") => number(20..22)? * 3600 + number(23..25)? * 60,
        Some("-") => -(number(20..22)? * 3600 + number(23..25)? * 60),
        _ => 0,
    };
    (days * 86400 + clock - offset).to_string().parse().map_err(|_| Untold)
}

fn bits(address: IpAddr) -> String {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    bytes.iter().map(|byte| format!("{byte:08b}")).collect()
}

fn in_range(range: &str, address: &str) -> Told<bool> {
    let (network, length) = range.split_once('/').unwrap_or((range, "128"));
    let network: IpAddr = network.parse().map_err(|_| Untold)?;
    let address: IpAddr = address.parse().map_err(|_| Untold)?;
    if network.is_ipv4() != address.is_ipv4() {
        return Ok(false);
    }
    let (network, address) = (bits(network), bits(address));
    let length = length.parse::<usize>().map_err(|_| Untold)?.min(network.len());
    Ok(network[..length] == address[..length])
}

impl Naive<'_> {
    fn field(&self, name: &str) -> &str {
        self.vector[name].as_str().unwrap()
    }

    fn context(&self, key: &str) -> Option<&Value> {
        let entries = self.vector["context"].as_object().unwrap();
        entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Whether the caller is a service in its own name: `sns.amazonaws.com`.
    fn is_service(&self) -> bool {
        !self.field("principal").contains(':')
    }

    /// The account of the caller; empty for a service.
    fn caller_account(&self) -> &str {
        self.field("principal").split(':').nth(4).unwrap_or_default()
    }

    fn role_arn(&self) -> Option<String> {
        let principal = self.field("principal");
        let parts: Vec<&str> = principal.split(':').collect();
        if self.is_service() {
            return None;
        }
        if parts[5].starts_with("role/") {
            return Some(principal.to_owned());
        }
        let role = parts[5].strip_prefix("assumed-role/")?.split('/').next()?;
        Some(format!("arn:{}:iam::{}:role/{role}", parts[1], parts[4]))
    }

    fn own_arn(&self) -> Option<&str> {
        let principal = self.field("principal");
        (!principal.split(':').nth(5).unwrap_or_default().starts_with("role/")).then_some(principal)
    }

    /// The text of a pattern with its variables filled in; none where one has no value.
    fn expand(&self, pattern: &str, version: &str, wild: bool) -> Told<Option<String>> {
        if version != "2012-10-17" {
            return Ok(Some(pattern.to_owned()));
        }
        let mut whole = String::new();
        let mut rest = pattern;
        while let Some(start) = rest.find("${") {
            whole.push_str(&rest[..start]);
            let end = rest[start..].find('}').ok_or(Untold)? + start;
            let inner = &rest[start + 2..end];
            rest = &rest[end + 1..];
            match inner {
                "*" => whole.push('\u{1}'),
                "?" => whole.push('\u{2}'),
                "$" => whole.push('$'),
                _ => {
                    let (name, default) = match inner.split_once(',') {
                        Some((name, default)) => (name, Some(default.trim().trim_matches('\'').to_owned())),
                        None => (inner, None),
                    };
                    let value = match self.context(name.trim()) {
                        Some(Value::Array(_)) => return Err(Untold),
                        Some(value) => Some(text(value)),
                        None => default,
                    };
                    let Some(value) = value else { return Ok(None) };
                    if wild && value.contains(['*', '?']) {
                        return Err(Untold);
                    }
                    whole.push_str(&value);
                }
            }
        }
        whole.push_str(rest);
        Ok(Some(whole))
    }

    fn compare(&self, base: &str, pattern: &Value, value: &str, version: &str) -> Told<bool> {
        let wild = base.ends_with("Like") || base.starts_with("Arn");
        let Some(pattern) = self.expand(&text(pattern), version, wild)? else { return Ok(false) };
        Ok(match base {
            "StringEquals" => unescape(&pattern) == value,
            "StringEqualsIgnoreCase" | "Bool" => unescape(&pattern).to_lowercase() == value.to_lowercase(),
            "StringLike" => matches(&pattern, value),
            "ArnEquals" | "ArnLike" => arn_matches(&pattern, value),
            "IpAddress" => in_range(&pattern, value)?,
            _ => {
                let (wanted, found) = (seconds(&pattern)?, seconds(value)?);
                match base.trim_start_matches("Numeric").trim_start_matches("Date") {
                    "Equals" => (found - wanted).abs() < 1e-9,
                    "LessThan" => found < wanted,
                    "LessThanEquals" => found <= wanted,
                    "GreaterThan" => found > wanted,
                    "GreaterThanEquals" => found >= wanted,
                    _ => return Err(Untold),
                }
            }
        })
    }

    fn condition_holds(&self, operator: &str, key: &str, values: &Value, version: &str) -> Told<bool> {
        let found = self.context(key);
        if operator == "Null" {
            return Ok(list(values).into_iter().any(|wanted| (text(wanted) == "true") == found.is_none()));
        }
        let (set, operator) = match operator.split_once(':') {
            Some((set, rest)) => (Some(set), rest),
            None => (None, operator),
        };
        let (if_exists, operator) = match operator.strip_suffix("IfExists") {
            Some(rest) => (true, rest),
            None => (false, operator),
        };
        if if_exists && set.is_some() {
            return Err(Untold);
        }
        let negated = operator.contains("Not");
        let base = operator.replace("Not", "");
        let one = |value: &str| -> Told<bool> {
            let mut any = false;
            for pattern in list(values) {
                any |= self.compare(&base, pattern, value, version)?;
            }
            Ok(any != negated)
        };
        match (found, set) {
            (None, Some("ForAllValues")) => Ok(true),
            (None, Some(_)) => Ok(false),
            (None, None) => Ok(if_exists || negated),
            (Some(Value::Array(_)), None) | (Some(Value::String(_)), Some(_)) => Err(Untold),
            (Some(Value::Array(items)), Some(set)) => {
                let each = items.iter().map(|item| one(&text(item))).collect::<Told<Vec<bool>>>()?;
                Ok(if set == "ForAllValues" {
                    each.iter().all(|holds| *holds)
                } else {
                    each.iter().any(|holds| *holds)
                })
            }
            (Some(value), _) => one(&text(value)),
        }
    }

    fn applies(&self, statement: &Value, version: &str) -> Told<bool> {
        let action = self.field("action").to_lowercase();
        let covers = |patterns: &Value| {
            list(patterns).into_iter().any(|pattern| matches(&text(pattern).to_lowercase(), &action))
        };
        let acts = match (&statement["Action"], &statement["NotAction"]) {
            (Value::Null, patterns) => !covers(patterns),
            (patterns, _) => covers(patterns),
        };
        let (resources, negated) = match &statement["Resource"] {
            Value::Null => (&statement["NotResource"], true),
            resources => (resources, false),
        };
        let mut on_key = false;
        for pattern in list(resources) {
            match self.expand(&text(pattern), version, true)? {
                Some(pattern) => on_key |= arn_matches(&pattern, self.field("key_arn")),
                None if negated => return Err(Untold),
                None => {}
            }
        }
        let mut all = acts && (on_key != negated);
        if let Some(operators) = statement["Condition"].as_object() {
            for (operator, keys) in operators {
                for (key, values) in keys.as_object().unwrap() {
                    all &= self.condition_holds(operator, key, values, version)?;
                }
            }
        }
        Ok(all)
    }

    /// How a key policy statement reaches the caller, strongest first: self, wildcard, role, account, notprincipal.
    fn reach(&self, statement: &Value) -> Told<Option<&'static str>> {
        let listed = |principal: &Value| -> Vec<&'static str> {
            let mut ways = Vec::new();
            let names = if principal == "*" { vec![principal] } else { list(&principal["AWS"]) };
            for name in names.into_iter().filter_map(Value::as_str) {
                let account = self.caller_account();
                let role =
                    self.role_arn().unwrap_or_default().replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
                if self.own_arn().is_none() && name.starts_with(&format!("{role}/")) {
                    ways.push("perhaps");
                }
                if Some(name) == self.own_arn() {
                    ways.push("self");
                } else if name == "*" {
                    ways.push("wildcard");
                } else if Some(name.to_owned()) == self.role_arn() {
                    ways.push("role");
                } else if name == account || (name.ends_with(":root") && name.split(':').nth(4) == Some(account)) {
                    ways.push("account");
                }
            }
            ways
        };
        if statement.get("Principal").is_some_and(|principal| listed(principal).contains(&"perhaps")) {
            return Err(Untold);
        }
        if let Some(spared) = statement.get("NotPrincipal") {
            if self.is_service() {
                return Err(Untold);
            }
            let ways = listed(spared);
            let has = |way: &str| ways.contains(&way);
            let allows = statement["Effect"] == "Allow";
            if !allows && !self.vector["boundary"].is_null() {
                return Ok(Some("notprincipal"));
            }
            if has("wildcard") {
                return Ok(None);
            }
            let full = match (self.own_arn(), self.role_arn()) {
                (Some(_), None) => has("self") && has("account"),
                (Some(_), Some(_)) => has("self") && has("role") && has("account"),
                (None, _) => false,
            };
            if full {
                return Ok(None);
            }
            let in_part = has("self") || has("role") || has("perhaps") || (allows && has("account"));
            return if in_part { Err(Untold) } else { Ok(Some("notprincipal")) };
        }
        let ways = listed(&statement["Principal"]);
        if self.is_service() {
            return self.reach_of_service(&statement["Principal"], &ways);
        }
        Ok(["self", "wildcard", "role", "account"].into_iter().find(|way| ways.contains(way)))
    }

    /// A service is named by its own name. Whether `*` speaks of services too, is nowhere told.
    fn reach_of_service(&self, principal: &Value, ways: &[&str]) -> Told<Option<&'static str>> {
        let is_named = list(&principal["Service"]).into_iter().any(|name| name == self.field("principal"));
        match (is_named, ways.contains(&"wildcard")) {
            (true, _) => Ok(Some("self")),
            (false, true) => Err(Untold),
            (false, false) => Ok(None),
        }
    }

    fn decide(&self) -> Told<Answer> {
        let mut applied = Vec::new();
        let mut denied = false;
        let mut key_allows: Vec<(&str, bool)> = Vec::new();
        let statements = |document: &Value| list(&document["Statement"]).into_iter().cloned().collect::<Vec<_>>();
        let version = |document: &Value| document["Version"].as_str().unwrap_or("2008-10-17").to_owned();
        let key_policy = &self.vector["key_policy"];
        for (index, statement) in statements(key_policy).iter().enumerate() {
            let reach = self.reach(statement)?;
            let Some(way) = reach.filter(|_| true) else { continue };
            if !self.applies(statement, &version(key_policy))? {
                continue;
            }
            applied.push(format!("key_policy#{index}"));
            let tests_arn = statement["Condition"].to_string().to_lowercase().contains("\"aws:principalarn\"");
            if statement["Effect"] == "Deny" { denied = true } else { key_allows.push((way, tests_arn)) }
        }
        let mut side = |name: &str, document: &Value, applied: &mut Vec<String>| -> Told<bool> {
            let mut allows = false;
            for (index, statement) in statements(document).iter().enumerate() {
                if self.applies(statement, &version(document))? {
                    applied.push(format!("{name}#{index}"));
                    if statement["Effect"] == "Deny" { denied = true } else { allows = true }
                }
            }
            Ok(allows)
        };
        let mut identity = false;
        for (index, policy) in self.vector["identity_policies"].as_array().unwrap().iter().enumerate() {
            identity |= side(&format!("identity:{index}"), &policy["document"], &mut applied)?;
        }
        let bounded = !self.vector["boundary"].is_null();
        let boundary =
            if bounded { side("boundary", &self.vector["boundary"]["document"], &mut applied)? } else { true };
        let decision = if denied {
            "explicit_deny"
        } else if self.allows(&key_allows, identity, boundary)? {
            "allow"
        } else {
            "implicit_deny"
        };
        Ok(Answer { decision, statements: applied })
    }

    fn allows(&self, key_allows: &[(&str, bool)], identity: bool, boundary: bool) -> Told<bool> {
        if self.is_service() {
            return Ok(!key_allows.is_empty());
        }
        let both = !key_allows.is_empty() && identity && boundary;
        if self.caller_account() != self.field("account") {
            return Ok(both);
        }
        let mut untold = false;
        for (way, tests_arn) in key_allows {
            match *way {
                "self" => return Ok(true),
                "wildcard" if boundary || *tests_arn => return Ok(true),
                // Whether whom an Allow leaves out by a `NotPrincipal` is as if named by `*`, is told for no more than this.
                "wildcard" | "notprincipal" => untold = true,
                "role" if boundary => return Ok(true),
                _ => {}
            }
        }
        if untold && !both { Err(Untold) } else { Ok(both) }
    }
}
