package secret

import "testing"

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"password": true, "passwd": true, "token": true, "secret": true, "api_key": true, "private_key": true, "authorization": true,
		"db_password": true, "ApiToken": true, "APIKey": true, "apiKey": true, "X-Api-Key": true, "Authorization": true, "--db-password": true,
		"PGPASSWORD": true, "AWS_SECRET_ACCESS_KEY": true, "tokens": true, "password2": true, "client.secret": true, "SECRET_TOKEN": true,
		"": false, "key": false, "api": false, "api_path_key": false, "tokenizer": false, "passwordless": false, "secretary": false, "pass": false, "primary_key": false, "authorized": false,
	} {
		if IsName(name) != want {
			t.Errorf("IsName(%q) = %v", name, !want)
		}
	}
}

func TestMaskValues(t *testing.T) {
	for text, want := range map[string]string{
		`"plain"`:                            `"plain"`,
		`postgres://me:pw@host:5432/db`:      `postgres://***@host:5432/db`,
		`https://t0ken@host/?a=b@c`:          `https://***@host/?a=b@c`,
		`https://me:p@w@host`:                `https://***@host`,
		`https://host/me@else`:               `https://host/me@else`,
		`["a", "git+ssh://me:pw@h"]`:         `["a", "git+ssh://***@h"]`,
		`{"password": "a\"b", "user": "me"}`: `{"password": ***, "user": "me"}`,
		`{"user": {"api_key": b"x", 1: 2}}`:  `{"user": {"api_key": ***, 1: 2}}`,
		`struct(token = "x", user = "me")`:   `struct(token = ***, user = "me")`,
		`Row(id = 1, password = None)`:       `Row(id = 1, password = None)`,
		`{"secret": ""}`:                     `{"secret": ""}`,
		`--token=x`:                          `--token=***`,
		`mysql --password x db`:              `mysql --password *** db`,
		`["--password", "x", "db"]`:          `["--password", "***", "db"]`,
		`Authorization: Bearer x.y`:          `Authorization: ***`,
		`user=me password=x host=h`:          `user=me password=*** host=h`,
		`https://h/?access_token=x&a=b`:      `https://h/?access_token=***&a=b`,
		`"{\"token\": \"x\", \"a\": 1}"`:     `"{\"token\": ***, \"a\": 1}"`,
		`the token is near "password" here`:  `the token is near "password" here`,
	} {
		if got := MaskValues(text); got != want {
			t.Errorf("MaskValues(%s) = %s, want %s", text, got, want)
		}
	}
}
