import com.nimbusds.jose.jwk.JWK;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.security.oauth2.client.endpoint.NimbusJwtClientAuthenticationParametersConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Sends the token requests of a file of cases with the OAuth 2.0 client of Spring Security, unmodified.
 *
 * <p>{@code StockClient LIBRARY CASES.json} prints a JSON line for each case:
 * {@code outcome} is {@code token}, {@code refused} (the library reports invalid_client), {@code unsendable}
 * (it raises before it sends anything) or {@code error} with a text. Of a token only the claims are printed.
 */
class StockClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** At the end of a method: `aud` of the assertion is the issuer, by a setting of the library. */
    private static final String TO_ISSUER = ", aud issuer";

    public static void main(String[] arguments) throws Exception {
        JsonNode asked = JSON.readTree(Files.readString(Path.of(arguments[1])));
        for (JsonNode each : asked.get("cases")) {
            Map<String, Object> line = new HashMap<>();
            line.put("case", each.get("case").asInt());
            try {
                String token = send(asked.get("issuer").asString(), asked.get("token_endpoint").asString(), each);
                line.put("claims", token.split("\\.")[1]);
                line.put("outcome", "token");
            } catch (OAuth2AuthorizationException error) {
                line.put("outcome", outcome(error));
                line.put("text", error.toString());
            } catch (Exception error) {
                line.put("outcome", "error");
                line.put("text", error.toString());
            }
            System.out.println(JSON.writeValueAsString(line));
        }
    }

    private static String outcome(OAuth2AuthorizationException error) {
        // It reads the error code of a 400; of a 401 it keeps the body as it came.
        if (error.getCause() instanceof RestClientResponseException answer && answer.getStatusCode().value() == 401
                && "invalid_client".equals(JSON.readTree(answer.getResponseBodyAsString()).path("error").asString())) {
            return "refused";
        }
        // Its own code for a key that it cannot use, before anything is sent.
        return error.getError().getErrorCode().equals("invalid_algorithm") ? "unsendable" : "error";
    }

    private static String send(String issuer, String endpoint, JsonNode each) throws Exception {
        var registration = ClientRegistration.withRegistrationId("signet")
                .tokenUri(endpoint)
                .clientId(each.get("client_id").asString())
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS);
        String method = each.get("method").asString();
        if (each.has("secret")) {
            registration.clientSecret(each.get("secret").asString());
        }
        if (!method.equals("default")) {
            registration.clientAuthenticationMethod(new ClientAuthenticationMethod(method.replace(TO_ISSUER, "")));
        }
        if (!each.get("scope").asString().isEmpty()) {
            registration.scope(each.get("scope").asString().split(" "));
        }
        var client = new RestClientClientCredentialsTokenResponseClient();
        if (each.has("key")) {
            JWK key = JWK.parse(each.get("key").get("jwk").toString());
            var assertion = new NimbusJwtClientAuthenticationParametersConverter<OAuth2ClientCredentialsGrantRequest>(
                    of -> key);
            if (method.endsWith(TO_ISSUER)) {
                assertion.setJwtClientAssertionCustomizer(made -> made.getClaims().audience(List.of(issuer)));
            }
            client.addParametersConverter(assertion);
        }
        String resource = each.get("resource").asString();
        if (!resource.isEmpty()) {
            client.addParametersConverter(grant -> {
                var parameters = new LinkedMultiValueMap<String, String>();
                parameters.add("resource", resource);
                return parameters;
            });
        }
        return client.getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration.build()))
                .getAccessToken().getTokenValue();
    }
}
