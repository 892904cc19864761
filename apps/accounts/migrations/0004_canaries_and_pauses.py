from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_longest_wait"),
    ]

    operations = [
        migrations.AddField(
            model_name="department",
            name="canary_share",
            field=models.DecimalField(
                decimal_places=3,
                default=Decimal(0),
                help_text="Films of known truth per case that came in by machine; 0: none.",
                max_digits=4,
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="pause_cases",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Reads without a pause before the page says so; 0: never.",
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="pause_minutes",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Minutes without a pause before the page says so; 0: never.",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.CheckConstraint(
                condition=models.Q(canary_share__gte=0, canary_share__lte=1),
                name="canary_share_is_0_to_1",
            ),
        ),
    ]
