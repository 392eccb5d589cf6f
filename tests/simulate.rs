//! `kmslint simulate`: requests as lines in, decisions as lines out.

use super::vectors;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn simulate(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmslint"));
    command.env_clear().arg("simulate").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn answers(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lines(requests: &[Value]) -> Vec<u8> {
    requests.iter().flat_map(|request| format!("{request}\n").into_bytes()).collect()
}

/// A request that the key policy permits by the user's ARN, with some fields set to other values.
fn request(changes: &[(&str, Value)]) -> Value {
    let mut request = json!({
        "id": "r", "account": "111122223333", "principal": "arn:aws:iam::111122223333:user/ana", "principal_tags": {},
        "identity_policies": [], "boundary": null,
        "key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "key_policy": {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ana"}, "Action": "kms:Decrypt", "Resource": "*"}},
        "action": "kms:Decrypt", "context": {},
    });
    for (field, value) in changes {
        request[*field] = value.clone();
    }
    request
}

#[test]
fn every_vector_is_answered_in_input_order_with_the_statements_that_apply() {
    let vectors = vectors::all();
    let output = simulate(&["-"], &lines(vectors));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
    let answers = answers(&output);
    assert_eq!(answers.len(), vectors.len());
    for (answer, vector) in answers.iter().zip(vectors) {
        let expected =
            json!({"id": vector["id"], "decision": vector["expected"], "statements": vector["why"]["statements"]});
        assert_eq!(*answer, expected);
    }
}

#[test]
fn answers_are_the_same_for_every_number_of_threads() {
    let input = lines(vectors::all());
    let one = simulate(&["-j", "1", "-"], &input);
    assert_eq!(one.stdout, simulate(&["-j16", "-"], &input).stdout);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("requests.jsonl");
    std::fs::write(&path, &input).unwrap();
    assert_eq!(one.stdout, simulate(&[path.to_str().unwrap()], b"").stdout);
}

#[test]
fn a_line_that_is_no_request_is_answered_with_why_and_the_rest_goes_on() {
    let good = request(&[]);
    let without = |field: &str| {
        let mut request = request(&[]);
        request.as_object_mut().unwrap().remove(field);
        request.to_string()
    };
    let mut input: Vec<u8> = b"\xEF\xBB\xBF".to_vec();
    let bad: Vec<(Vec<u8>, Value, &str)> = vec![
        (b"nonsense".to_vec(), Value::Null, "no JSON"),
        (b"[1, 2]".to_vec(), Value::Null, "no JSON object"),
        (b"{\"id\": \"\xFF\"}".to_vec(), Value::Null, "no JSON"),
        (b"\xFF\xFE\x00".to_vec(), Value::Null, "no JSON"),
        (b"{\"id\": \"cut\", \"action\": ".to_vec(), json!("cut"), "no JSON"),
        (format!("{{\"id\":\"deep\",\"x\":{}", "[".repeat(100_000)).into_bytes(), json!("deep"), "recursion limit"),
        (without("action").into_bytes(), json!("r"), "`action` is missing"),
        (without("context").into_bytes(), json!("r"), "`context` is missing"),
        (without("identity_policies").into_bytes(), json!("r"), "`identity_policies` is missing"),
        (without("key_policy").into_bytes(), json!("r"), "`key_policy` is missing"),
        (request(&[("action", json!("s3:GetObject"))]).to_string().into_bytes(), json!("r"), "`s3:GetObject`"),
        (request(&[("principal", json!("ana"))]).to_string().into_bytes(), json!("r"), "`ana`"),
        (request(&[("principal", json!(7))]).to_string().into_bytes(), json!("r"), "`principal`"),
        (request(&[("key_policy", json!([]))]).to_string().into_bytes(), json!("r"), "`key_policy`"),
        (request(&[("boundary", json!("x"))]).to_string().into_bytes(), json!("r"), "`document`"),
        (request(&[("context", json!({"a": {}}))]).to_string().into_bytes(), json!("r"), "`context`"),
        (request(&[("id", json!(9)), ("account", json!(1))]).to_string().into_bytes(), json!(9), "`account`"),
    ];
    for (line, _, _) in &bad {
        input.extend(line);
        input.extend(b"\r\n\n  \n");
        input.extend(format!("{good}\n").into_bytes());
    }
    let output = simulate(&["-"], &input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: `-`: {} lines are no requests\n", bad.len()));
    let answers = answers(&output);
    assert_eq!(answers.len(), bad.len() * 2);
    for (at, (pair, (_, id, why))) in answers.chunks(2).zip(&bad).enumerate() {
        assert_eq!(pair[0]["id"], *id, "{}", pair[0]);
        assert!(pair[0]["error"].as_str().unwrap().contains(why), "{}", pair[0]);
        assert_eq!(pair[0]["line"], json!(at * 4 + 1), "{}", pair[0]);
        assert!(pair[0].get("decision").is_none());
        assert_eq!(pair[1]["decision"], "allow");
    }
}

#[test]
fn what_a_request_need_not_say_may_be_missing_and_what_it_says_beside_is_passed_over() {
    let mut lean = request(&[("why", json!({"code": 7})), ("comment", json!([1, {"x": null}]))]);
    for field in ["id", "boundary", "principal_tags"] {
        lean.as_object_mut().unwrap().remove(field);
    }
    let output = simulate(&["-"], lean.to_string().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let expected = "{\"id\":null,\"decision\":\"allow\",\"statements\":[{\"policy\":\"key_policy\",\"index\":0,\"effect\":\"Allow\",\"principal_match\":\"self\"}]}\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn what_is_nowhere_said_is_undecided_with_the_reason() {
    let mut odd = request(&[("context", json!({"aws:CurrentTime": "2024-01-01"}))]);
    odd["key_policy"]["Statement"]["Condition"] = json!({"DateLessThan": {"aws:CurrentTime": "tomorrow"}});
    let output = simulate(&["-"], odd.to_string().as_bytes());
    let answers = answers(&output);
    assert_eq!(answers[0]["decision"], "undecided");
    assert_eq!(answers[0]["statements"], json!([]));
    assert_eq!(answers[0]["open"][0]["why"], json!(["whether `aws:CurrentTime` is before `tomorrow`"]));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_line_of_many_megabytes_is_read_and_one_without_end_is_refused() {
    let long = request(&[("comment", json!("x".repeat(5 << 20)))]);
    let mut input = lines(&[long]);
    input.extend(b"{\"id\": \"endless\", \"x\": \"");
    input.extend(vec![b'x'; 65 << 20]);
    input.extend(b"\"}\n");
    input.extend(lines(&[request(&[])]));
    let output = simulate(&["-"], &input);
    let answers = answers(&output);
    let short: Vec<_> = answers.iter().map(|answer| (&answer["id"], &answer["decision"])).collect();
    assert_eq!(
        short,
        [(&json!("r"), &json!("allow")), (&json!("endless"), &Value::Null), (&json!("r"), &json!("allow"))]
    );
    assert_eq!(answers[1]["error"], "the line is longer than 64 MiB");
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_an_empty_one_is_not() {
    let output = simulate(&["nowhere.jsonl"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nowhere.jsonl`"));
    let output = simulate(&["-"], b"\n\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}

#[test]
fn requests_at_the_edges_of_the_format_are_decided_as_it_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/vectors/edge.jsonl");
    let requests: Vec<Value> =
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let output = simulate(&[path], b"");
    assert_eq!(output.status.code(), Some(0));
    for (answer, request) in answers(&output).iter().zip(&requests) {
        let expected =
            json!({"id": request["id"], "decision": request["expected"], "statements": request["why"]["statements"]});
        assert_eq!(*answer, expected, "{request}");
    }
}
