from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reading", "0012_columns"),
    ]

    operations = [
        # Live claims stay without a kind, as nobody knows: none ends with a page.
        migrations.AddField(
            model_name="case",
            name="claim_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("opened", "The page took it"),
                    ("taken", "Its reader took it"),
                    ("assigned", "Given by somebody else"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="caseaudit",
            name="opened_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="cases",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="presence",
            name="is_left",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="presence",
            name="keeps_claim",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="draft",
            name="step",
            field=models.CharField(
                choices=[
                    ("read", "First answer"),
                    ("verdict", "Verdict"),
                    ("ruling", "Ruling"),
                ],
                max_length=7,
            ),
        ),
    ]
