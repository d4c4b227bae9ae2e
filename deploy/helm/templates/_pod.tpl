{{/* What every container of ours has in common. Takes root, role, `of` (the values of the role), and database: whose URL it gets, or nothing. */}}


{{- define "strandline.environment" -}}
{{- $kafka := .root.Values.kafka -}}
- {name: STRANDLINE_KAFKA_BOOTSTRAP, value: {{ required "kafka.bootstrap: host:port,... of your Kafka" $kafka.bootstrap | quote }}}
- {name: STRANDLINE_KAFKA_SECURITY_PROTOCOL, value: {{ $kafka.securityProtocol | quote }}}
{{- if include "strandline.sasl" .root }}
- {name: STRANDLINE_KAFKA_SASL_MECHANISM, value: {{ $kafka.saslMechanism | quote }}}
{{- end }}
{{- if and $kafka.caSecret (include "strandline.kafkaTls" .root) }}
- {name: STRANDLINE_KAFKA_SSL_CAFILE, value: /run/secrets/kafka-ca.crt}
{{- end }}
{{- if and .database .root.Values.database.tls.enabled }}
- {name: STRANDLINE_DATABASE_SSL, value: "true"}
{{- if .root.Values.database.tls.caSecret }}
- {name: STRANDLINE_DATABASE_SSL_CAFILE, value: /run/secrets/database-ca.crt}
{{- end }}
{{- end }}
- {name: STRANDLINE_TOPIC_PARTITIONS, value: {{ $kafka.topicPartitions | quote }}}
- {name: STRANDLINE_TOPIC_REPLICATION, value: {{ $kafka.topicReplication | quote }}}
{{- with $kafka.topicPrefix }}
- {name: STRANDLINE_TOPIC_PREFIX, value: {{ . | quote }}}
{{- end }}
- {name: STRANDLINE_HTTP_HOST, value: {{ .root.Values.listenHost | quote }}}
{{- range $name, $value := .root.Values.settings }}
- {name: STRANDLINE_{{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- range concat .root.Values.extraEnv (.of.extraEnv | default list) }}
- {{ toJson . }}
{{- end }}
{{- end -}}

{{- define "strandline.environmentFrom" -}}
{{- with concat .root.Values.extraEnvFrom (.of.extraEnvFrom | default list) }}
envFrom: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "strandline.mounts" -}}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* One file of /run/secrets, from one key of one secret. */}}
{{- define "strandline.file" -}}
{{- dict "secret" (dict "name" (index . 0) "items" (list (dict "key" (index . 1) "path" (index . 2)))) | toJson -}}
{{- end -}}

{{- define "strandline.volumes" -}}
{{- $values := .root.Values -}}
{{- $kafka := $values.kafka -}}
{{- $files := list -}}
{{- if .database -}}
{{- $files = append $files (list (index $values.database.secrets .database) "url" "strandline_database_url") -}}
{{- if and $values.database.tls.enabled $values.database.tls.caSecret -}}
{{- $files = append $files (list $values.database.tls.caSecret "ca.crt" "database-ca.crt") -}}
{{- end -}}
{{- end -}}
{{- if include "strandline.sasl" .root -}}
{{- $files = append $files (list $kafka.secret "username" "strandline_kafka_sasl_username") -}}
{{- $files = append $files (list $kafka.secret "password" "strandline_kafka_sasl_password") -}}
{{- end -}}
{{- if and $kafka.caSecret (include "strandline.kafkaTls" .root) -}}
{{- $files = append $files (list $kafka.caSecret "ca.crt" "kafka-ca.crt") -}}
{{- end -}}
{{- if and $values.redis.secret (ne .role "setup") -}}
{{- $files = append $files (list $values.redis.secret "url" "strandline_redis_url") -}}
{{- end -}}
{{- if and $values.api.keysSecret (eq .role "api") -}}
{{- $files = append $files (list $values.api.keysSecret "keys" "strandline_api_keys") -}}
{{- end -}}
{{- $notify := and $values.notifier.secret (eq .role "notifier") -}}
{{- $sources := list -}}
{{- range $files }}{{ $sources = append $sources (include "strandline.file" . | fromJson) }}{{ end -}}
{{- if $notify -}}
{{- $items := list -}}
{{- range list "notify_urls" "webhook_urls" "level_webhooks" "webhook_secret" "vapid_private_key" }}{{ $items = append $items (dict "key" . "path" (printf "strandline_%s" .)) }}{{ end -}}
{{- $sources = append $sources (dict "secret" (dict "name" $values.notifier.secret "optional" true "items" $items)) -}}
{{- end -}}
- {name: tmp, emptyDir: {}}
- {name: secrets, projected: {defaultMode: 0440, sources: {{ toJson $sources }}}}
{{- end -}}

{{/* Where the pods of a role may run, and as whom. What a role sets replaces what all roles have. */}}
{{- define "strandline.placement" -}}
{{- $root := .root -}}
{{- $of := .of -}}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .account }}
serviceAccountName: {{ . }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" }}
{{- with (hasKey $of $field | ternary (get $of $field) (get $root.Values $field)) }}
{{ $field }}: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with (hasKey $of "topologySpreadConstraints" | ternary $of.topologySpreadConstraints $root.Values.topologySpreadConstraints) }}
topologySpreadConstraints:
  {{- range . }}
  - {{ merge (dict) . (dict "labelSelector" (dict "matchLabels" (include "strandline.selector" $ | fromYaml))) | toJson }}
  {{- end }}
{{- end }}
{{- end -}}
