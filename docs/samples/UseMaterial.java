// One file, no library, Java 17: open a case, find a material, ask the holder, use it, download it, keep the receipt.
//   java UseMaterial.java BASE_URL CLIENT_ID KEY.pem CASE.json TYPE_CODE OPERATOR OUT_DIR
// KEY.pem is the client's P-256 key (PKCS#8), CASE.json the body of POST /v1/cases.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

public class UseMaterial {
    static final Base64.Encoder B64 = Base64.getUrlEncoder().withoutPadding();
    static final String CAUSE = "Java \u793a\u4f8b\u8c03\u7528";  // escapes: older compilers read sources in the locale's encoding
    // HTTP/1.1: by default Java offers an upgrade to HTTP/2 with every request, which the exchange refuses by name.
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static String base, clientId, jwk, thumbprint, token;
    static ECPrivateKey key;

    public static void main(String[] a) throws Exception {
        base = a[0];
        clientId = a[1];
        loadKey(Files.readString(Path.of(a[2])));
        token = text(token(), "access_token");

        String opened = call("POST", "/v1/cases", Files.readString(Path.of(a[3])));
        String caseNo = text(opened, "case_no"), item = text(opened, "item_code");
        String found = call("POST", "/v1/materials/search", json("case_no", caseNo, "type_code", a[4]));
        String material = text(found, "material_id");

        String ask = text(call("POST", "/v1/asks", json("case_no", caseNo, "cause", CAUSE, "operator", a[5])
                .replace("}", ",\"objects\":[\"" + material + "\"]}")), "ask_id");
        System.out.println(json("ask_id", ask));
        String state;
        while ((state = text(call("GET", "/v1/asks/" + ask, null), "state")).equals("pending"))
            Thread.sleep(1000);  // the holder reads the terms on the phone and signs them
        if (!state.equals("approved")) throw new IllegalStateException("the holder said no: " + state);

        String use = call("POST", "/v1/uses", json("object_id", material, "mode", "copy", "case_no", caseNo,
                "item_code", item, "cause", CAUSE, "operator", a[5]));
        String useId = text(use, "use_id");
        byte[] document = send("GET", "/v1/uses/" + useId + "/content", null).body();
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
        if (!digest.equals(text(use, "sha256"))) throw new IllegalStateException("the bytes are not those of the use");

        Path out = Path.of(a[6]);
        Files.write(out.resolve("document"), document);
        Files.writeString(out.resolve("receipt.cailian.json"), call("GET", "/v1/uses/" + useId + "/receipt", null));
        System.out.println(json("case_no", caseNo, "use_id", useId, "sha256", digest));
    }

    // Signing: a client assertion (RFC 7523) for the token, a DPoP proof (RFC 9449) for each request.

    static void loadKey(String pem) throws Exception {
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        key = (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        // PKCS#8 of a P-256 key ends with the public point: 0x04, x (32 bytes), y (32 bytes).
        String x = B64.encodeToString(java.util.Arrays.copyOfRange(der, der.length - 64, der.length - 32));
        String y = B64.encodeToString(java.util.Arrays.copyOfRange(der, der.length - 32, der.length));
        jwk = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        thumbprint = B64.encodeToString(MessageDigest.getInstance("SHA-256").digest(jwk.getBytes(StandardCharsets.UTF_8)));
    }

    static String jws(String header, String claims) throws Exception {
        String input = B64.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + B64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(key);
        signer.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + B64.encodeToString(signer.sign());
    }

    static String proof(String method, String url) throws Exception {
        String ath = token == null ? "" : ",\"ath\":\"" + B64.encodeToString(
                MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII))) + "\"";
        return jws("{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":" + jwk + "}",
                "{\"jti\":\"" + UUID.randomUUID() + "\",\"htm\":\"" + method + "\",\"htu\":\"" + url + "\",\"iat\":"
                        + Instant.now().getEpochSecond() + ath + "}");
    }

    static String token() throws Exception {
        long now = Instant.now().getEpochSecond();
        String assertion = jws("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"" + thumbprint + "\"}",
                "{\"iss\":\"" + clientId + "\",\"sub\":\"" + clientId + "\",\"aud\":\"" + base + "\",\"iat\":" + now
                        + ",\"exp\":" + (now + 60) + ",\"jti\":\"" + UUID.randomUUID() + "\"}");
        String form = "grant_type=client_credentials&client_assertion_type="
                + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + assertion;
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/oauth/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("DPoP", proof("POST", base + "/oauth/token"))
                .POST(HttpRequest.BodyPublishers.ofString(form)).build();
        return checked(HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()));
    }

    // Requests

    static HttpResponse<byte[]> send(String method, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "DPoP " + token).header("DPoP", proof(method, base + path));
        if (method.equals("POST")) request.header("Idempotency-Key", UUID.randomUUID().toString());
        request.method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body)).header("Content-Type", "application/json");
        HttpResponse<byte[]> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        checked(answer);
        return answer;
    }

    static String call(String method, String path, String body) throws Exception {
        return new String(send(method, path, body).body(), StandardCharsets.UTF_8);
    }

    static String checked(HttpResponse<byte[]> answer) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        if (answer.statusCode() >= 300) throw new IllegalStateException(answer.statusCode() + " " + body);
        return body;
    }

    // Enough JSON for this sample; use your own library in earnest.

    static String text(String json, String name) {
        var found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        if (!found.find()) throw new IllegalStateException("no " + name + " in the answer");
        return found.group(1);
    }

    static String json(String... pairs) {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < pairs.length; i += 2)
            out.append(i == 0 ? "" : ",").append('"').append(pairs[i]).append("\":\"").append(pairs[i + 1]).append('"');
        return out.append('}').toString();
    }
}
